namespace MotionGateway.MotionServer;

/// <summary>An open connection to the Motion Server: speech goes up, motion comes back, a request for each response of the avatar. Safe for concurrent callers.</summary>
/// <remarks>Disposing closes the connection like <see cref="CloseAsync"/>, and throws away motion that was not read.</remarks>
public interface IMotionConnection : IAsyncDisposable
{
    /// <summary>The Motion Server's id for this connection; never empty.</summary>
    string ConnectionId { get; }

    /// <summary>The region that the connection leads to, such as <c>us-west</c>; null when explicit URLs lead there.</summary>
    string? Region { get; }

    /// <summary>Optional features of the peer, see <see cref="MotionCapabilities"/>; empty on older servers.</summary>
    IReadOnlyList<string> Capabilities { get; }

    /// <summary>
    /// Binary messages that could not be read so far, and were ignored. Motion may have been among them: of a request that is under way, or ended without
    /// an end by the server, fewer keyframes may have come than it gave. Never falls.
    /// </summary>
    int UnreadableMessages { get; }

    /// <summary>
    /// Ends exactly once, when the connection has ended: successfully after a close by this side or a normal one (1000, 1001) by the server, else with the
    /// <see cref="MotionServerException"/> that ended it. Needs no observer.
    /// </summary>
    Task Completion { get; }

    /// <summary>Begins a request: one response of the avatar. Nothing is sent before its first audio. Several may be under way.</summary>
    /// <param name="requestId">Its id, new on this connection; null makes one as the Motion Server's own SDKs do: <c>yyyyMMddHHmmss_</c> (UTC) and 12 random characters.</param>
    /// <returns>The request, to be disposed; one that is not finished then is interrupted.</returns>
    /// <exception cref="ArgumentException">The id is empty.</exception>
    /// <exception cref="InvalidOperationException">The id is that of one of the last 1,024 requests.</exception>
    /// <exception cref="MotionServerException">The connection has ended, or 256 requests are under way whose audio has not ended.</exception>
    IMotionRequest StartRequest(string? requestId = null);

    /// <summary>
    /// Reads what becomes of requests where the Motion Server publishes them (egress), in the order of arrival, until the connection ends: its playback states, and its
    /// playback signals where they say what no state has said. Each goes to one reader; of updates and reports that nobody reads, the latest 256 are kept.
    /// </summary>
    /// <remarks>With egress, errors that the server reports are thrown here, in their place among the updates; reading again goes on behind them.</remarks>
    /// <param name="cancellationToken">Stops reading; the connection stays and can be read again.</param>
    /// <exception cref="MotionServerException">With egress, the server reported an error; after everything else, the connection did not end normally.</exception>
    IAsyncEnumerable<PlaybackUpdate> ReadPlaybackAsync(CancellationToken cancellationToken = default);

    /// <summary>Closes the connection, within <see cref="MotionServerOptions.CloseTimeout"/>. Calling it again waits for the same end.</summary>
    /// <param name="cancellationToken">Cuts the goodbye short: the connection is torn down at once. Does not throw.</param>
    Task CloseAsync(CancellationToken cancellationToken = default);
}
