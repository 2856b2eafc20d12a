namespace MotionGateway.MotionServer;

/// <summary>An open connection to the Motion Server: speech goes up, motion comes back. Safe for concurrent callers, with one reader at a time.</summary>
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
    /// Ends exactly once, when the connection has ended: successfully after a close by this side or a normal one (1000, 1001)
    /// by the server, else with the <see cref="MotionServerException"/> that ended it. Needs no observer.
    /// </summary>
    Task Completion { get; }

    /// <summary>Sends a chunk of a request's speech. Chunks leave in the order of the calls.</summary>
    /// <param name="requestId">Shared by all chunks of one response; see <see cref="RequestIds"/>.</param>
    /// <param name="audio">Audio in the connection's format, cut anywhere (PCM between samples); copied before the returned task ends.</param>
    /// <param name="isLast">This is the request's last chunk; it may be empty.</param>
    /// <param name="cancellationToken">Gives up waiting for earlier sends. A send that has begun is finished, since half a message would end the connection.</param>
    /// <exception cref="MotionServerException">The connection has ended or ends now.</exception>
    ValueTask SendAudioAsync(string requestId, ReadOnlyMemory<byte> audio, bool isLast, CancellationToken cancellationToken = default);

    /// <summary>Stops a request's playback. Has an effect with egress only.</summary>
    /// <param name="requestId">The latest request, also when its end has been sent.</param>
    /// <param name="cancellationToken">Gives up waiting for earlier sends.</param>
    /// <exception cref="MotionServerException">The connection has ended or ends now.</exception>
    ValueTask InterruptAsync(string requestId, CancellationToken cancellationToken = default);

    /// <summary>Pauses a request's playback. Has an effect with egress only, and needs the capability <c>playback_control</c>.</summary>
    /// <param name="requestId">The request to pause.</param>
    /// <param name="cancellationToken">Gives up waiting for earlier sends.</param>
    /// <exception cref="MotionServerException">The capability is not there, or the connection has ended or ends now.</exception>
    ValueTask PauseAsync(string requestId, CancellationToken cancellationToken = default);

    /// <summary>Resumes a paused request's playback. Has an effect with egress only, and needs the capability <c>playback_control</c>.</summary>
    /// <param name="requestId">The request to resume.</param>
    /// <param name="cancellationToken">Gives up waiting for earlier sends.</param>
    /// <exception cref="MotionServerException">The capability is not there, or the connection has ended or ends now.</exception>
    ValueTask ResumeAsync(string requestId, CancellationToken cancellationToken = default);

    /// <summary>Reads motion in the order of its arrival, until the connection ends. Each message is the reader's, to dispose.</summary>
    /// <remarks>
    /// A failure is thrown once, after all motion of its request that came before it. When the server reports an error about
    /// one request and stays, reading again goes on with what follows; when it closes after the report, that is the same
    /// failure, with the close's code and what it means, and reading again ends quietly. For that a report waits up to 250 ms
    /// for a close; of one that comes later only <see cref="Completion"/> tells. Of reports that nobody reads the first 64 are
    /// kept. With egress no motion comes, and reports are read with <see cref="ReadPlaybackAsync"/>.
    /// </remarks>
    /// <param name="cancellationToken">Stops reading; the connection stays and can be read again.</param>
    /// <exception cref="MotionServerException">The server reported an error, or the connection did not end normally.</exception>
    /// <exception cref="InvalidOperationException">Somebody else is reading.</exception>
    IAsyncEnumerable<MotionMessage> ReadMotionAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads playback states (egress) in the order of their arrival, until the connection ends. Each state goes to one reader;
    /// of states and reports that nobody reads, the latest 256 are kept.
    /// </summary>
    /// <remarks>
    /// With egress, errors that the server reports about a request are thrown here, in their place among the states; reading
    /// again goes on behind them, as with <see cref="ReadMotionAsync"/>.
    /// </remarks>
    /// <param name="cancellationToken">Stops reading; the connection stays and can be read again.</param>
    /// <exception cref="MotionServerException">With egress, the server reported an error; after everything else, the connection did not end normally.</exception>
    IAsyncEnumerable<PlaybackUpdate> ReadPlaybackAsync(CancellationToken cancellationToken = default);

    /// <summary>Closes the connection, within the time limit of one step. Calling it again waits for the same end.</summary>
    /// <param name="cancellationToken">Cuts the goodbye short: the connection is torn down at once. Does not throw.</param>
    Task CloseAsync(CancellationToken cancellationToken = default);
}
