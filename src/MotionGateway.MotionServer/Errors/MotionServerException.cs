namespace MotionGateway.MotionServer;

/// <summary>Something failed between this side and the Motion Server. Holds no credential, not even one that the server repeats.</summary>
public sealed class MotionServerException : Exception
{
    /// <summary>Creates a failure.</summary>
    /// <param name="code">What went wrong.</param>
    /// <param name="phase">What was going on.</param>
    /// <param name="message">One sentence for people.</param>
    /// <param name="innerException">The cause on this side, if any.</param>
    public MotionServerException(MotionServerErrorCode code, MotionServerPhase phase, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        (Code, Phase) = (code, phase);
    }

    /// <summary>Creates a failure that tells the same as another, in another place.</summary>
    internal MotionServerException(MotionServerException told, MotionServerErrorCode code, MotionServerPhase phase, string message, Exception? innerException = null)
        : this(code, phase, message, innerException)
    {
        (AskedPause, HttpStatus, Region, RawBody) = (told.AskedPause, told.HttpStatus, told.Region, told.RawBody);
        (ServerCode, ServerTitle, ServerDetail) = (told.ServerCode, told.ServerTitle, told.ServerDetail);
        (ConnectionId, RequestId, CloseCode, CloseReason) = (told.ConnectionId, told.RequestId, told.CloseCode, told.CloseReason);
    }

    /// <summary>What went wrong, in stable terms.</summary>
    public MotionServerErrorCode Code { get; }

    /// <summary>What was going on.</summary>
    public MotionServerPhase Phase { get; }

    /// <summary>How connecting again can help. Follows from the code; where no session token was given, there is no fresh one to try.</summary>
    public MotionServerRetry Retry => ErrorRules.RetryOf(Code, Phase);

    /// <summary>Whether connecting again can help without anything else being changed; see <see cref="Retry"/>.</summary>
    public bool IsRetryable => Retry is MotionServerRetry.Immediate or MotionServerRetry.Backoff or MotionServerRetry.Delayed;

    /// <summary>
    /// How long to wait at least before trying again: what the server asked for; else, where <see cref="Retry"/> is <see cref="MotionServerRetry.Delayed"/> (close code
    /// and error 4003, HTTP status 429), 5 seconds, which are this library's choice; else null, and growing pauses will do. A <see cref="ReconnectPolicy"/> waits no less
    /// either.
    /// </summary>
    public TimeSpan? RetryAfter
    {
        // The service says "not at once" and no number; a connection elsewhere takes about that long to be closed and counted off.
        get => AskedPause ?? (Retry == MotionServerRetry.Delayed ? TimeSpan.FromSeconds(5) : null);
        init => AskedPause = value;
    }

    /// <summary>Status of the HTTP answer, when one was refused.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>The server's own code as it came: a number for errors over the WebSocket, any text in HTTP answers.</summary>
    public string? ServerCode { get; init; }

    /// <summary>The server's short text.</summary>
    public string? ServerTitle { get; init; }

    /// <summary>The server's long text.</summary>
    public string? ServerDetail { get; init; }

    /// <summary>The connection concerned, once it has an id.</summary>
    public string? ConnectionId { get; init; }

    /// <summary>The request concerned, when the error is about one.</summary>
    public string? RequestId { get; init; }

    /// <summary>Body of a refused HTTP answer, at most 1 MiB of it. May be anything; not for logs.</summary>
    public string? RawBody { get; init; }

    /// <summary>The WebSocket's close code, when the server sent one.</summary>
    public int? CloseCode { get; init; }

    /// <summary>The reason that came with the close code.</summary>
    public string? CloseReason { get; init; }

    /// <summary>The region concerned; null when explicit URLs led there.</summary>
    public string? Region { get; internal set; }

    /// <summary>How long the server asked to wait; null when it did not say.</summary>
    internal TimeSpan? AskedPause { get; init; }

    /// <summary>What the other regions answered that were tried for the same connection, in the order of the attempts; mostly empty.</summary>
    public IReadOnlyList<MotionServerException> RegionFailures { get; init; } = [];
}
