namespace MotionGateway.MotionServer;

/// <summary>One response of the avatar, under way on a connection: its speech goes up, its motion comes back. Safe for concurrent callers, with one reader at a time.</summary>
/// <remarks>
/// Disposing interrupts a request that is not finished, quickly and without throwing, and throws away motion that was not read. Finished is a request when its last
/// motion has come; with egress, where nobody tells that on older servers, when its end was sent.
/// </remarks>
public interface IMotionRequest : IAsyncDisposable
{
    /// <summary>The request's id at the Motion Server, which its motion carries.</summary>
    string Id { get; }

    /// <summary>Sends a chunk of the request's speech. Chunks leave in the order of the calls; an empty one is nothing.</summary>
    /// <param name="audio">
    /// Audio in the connection's format, cut anywhere: half a sample of PCM waits for its other half, and is dropped if the request ends first. Copied before the
    /// returned task ends. Of any length; it is sent in messages of at most 256 KiB.
    /// </param>
    /// <param name="cancellationToken">Gives up waiting for earlier sends. A send that has begun is finished, since half a message would end the connection.</param>
    /// <exception cref="InvalidOperationException">The request was ended or interrupted before.</exception>
    /// <exception cref="MotionServerException">The connection has ended or ends now.</exception>
    ValueTask SendAsync(ReadOnlyMemory<byte> audio, CancellationToken cancellationToken = default);

    /// <summary>Tells that the request's speech is complete. Of a request without any, nothing is sent, and it is finished. Doing it twice, or after an interrupt, is harmless.</summary>
    /// <param name="cancellationToken">Gives up waiting for earlier sends; the request is not ended then.</param>
    /// <exception cref="MotionServerException">The connection has ended or ends now.</exception>
    ValueTask EndAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Stops the request, also after its end: the Motion Server drops what it has of it, with egress its playback stops; chunks that wait are not sent; its reader ends
    /// and no more motion of it comes. Doing it twice, or when it is finished, is harmless.
    /// </summary>
    /// <param name="cancellationToken">Gives up waiting for earlier sends: the Motion Server is not told then.</param>
    /// <exception cref="MotionServerException">The connection has ended or ends now.</exception>
    ValueTask InterruptAsync(CancellationToken cancellationToken = default);

    /// <summary>Pauses the request's playback. Needs egress, and the capability <c>playback_control</c>. Answered by a playback state.</summary>
    /// <param name="cancellationToken">Gives up waiting for earlier sends.</param>
    /// <exception cref="MotionServerException">There is no egress or no such capability, or the connection has ended or ends now.</exception>
    ValueTask PauseAsync(CancellationToken cancellationToken = default);

    /// <summary>Resumes the request's playback. Needs egress, and the capability <c>playback_control</c>. Answered by a playback state.</summary>
    /// <param name="cancellationToken">Gives up waiting for earlier sends.</param>
    /// <exception cref="MotionServerException">There is no egress or no such capability, or the connection has ended or ends now.</exception>
    ValueTask ResumeAsync(CancellationToken cancellationToken = default);

    /// <summary>Reads the request's motion in the order of its arrival; ends by itself after the message with the end, and after an interrupt. Each message is the reader's, to dispose.</summary>
    /// <remarks>
    /// What is thrown comes after all motion that came before it. After a report of the server, reading again goes on with what follows. A report that the server makes
    /// just before it closes is one failure with that close: for that a report waits up to 250 ms, unless the server goes on with the request. One that names no request
    /// is thrown to all that are under way.
    /// </remarks>
    /// <param name="cancellationToken">Stops reading; the request stays and can be read again.</param>
    /// <exception cref="MotionServerException">
    /// The server reported an error about this request; the connection ended before the motion was complete, be it by this side's close; or no motion came for
    /// <see cref="MotionServerOptions.MotionTimeout"/> although it was due (<see cref="MotionServerErrorCode.MotionTimeout"/>).
    /// </exception>
    /// <exception cref="InvalidOperationException">Somebody else is reading; or the connection has egress, where no motion comes back: read <see cref="IMotionConnection.ReadPlaybackAsync"/>.</exception>
    IAsyncEnumerable<MotionMessage> ReadMotionAsync(CancellationToken cancellationToken = default);
}
