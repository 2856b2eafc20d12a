using Google.Protobuf.WellKnownTypes;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Protocol;

/// <summary>A failure as a peer is told it, over gRPC or over a WebSocket.</summary>
/// <param name="Reason">The stable reason.</param>
/// <param name="Message">For people: what is wrong and what to do. Holds no secret.</param>
public sealed record Failure(ErrorReason Reason, string Message)
{
    /// <summary>The request's field at fault, in the names of the protos, such as <c>audio.data</c>; null when none is.</summary>
    public string? Field { get; init; }

    /// <summary>With a position that cannot be served: the sequences that are there; null when the log is empty.</summary>
    public SequenceSpan? Available { get; init; }

    /// <summary>With a position that cannot be served: the epoch of <see cref="Available"/>.</summary>
    public uint? Epoch { get; init; }

    /// <summary>How long to wait before trying again; null: the default of the reason.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What it was about.</summary>
    public FailureIds Ids { get; init; } = FailureIds.None;

    /// <summary>How long the peer is told to wait before it tries again; null where trying again cannot help.</summary>
    public TimeSpan? EffectiveRetryAfter => ErrorTable.Get(Reason) is { IsRetryable: true } row ? RetryAfter ?? row.RetryAfter : null;

    /// <summary>The failure that an exception stands for.</summary>
    /// <param name="exception">The exception.</param>
    public static Failure From(GatewayException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return new Failure(exception.Reason, exception.Message)
        {
            Field = exception.Field,
            Available = exception.Available,
            Epoch = exception.Epoch,
            RetryAfter = exception.RetryAfter,
            Ids = exception.Ids,
        };
    }

    /// <summary>The failure as an exception.</summary>
    public GatewayException ToException() => new(Reason, Message)
    {
        Field = Field,
        Available = Available,
        Epoch = Epoch,
        RetryAfter = RetryAfter,
        Ids = Ids,
    };

    /// <summary>The failure as the last message of a feed that has no gRPC status.</summary>
    /// <param name="time">When it was made.</param>
    public FeedFailure ToFeedFailure(DateTimeOffset time) => new()
    {
        Reason = Reason,
        Message = Message,
        Retryable = ErrorTable.Get(Reason).IsRetryable,
        RetryAfterMs = (int)Math.Clamp((EffectiveRetryAfter ?? TimeSpan.Zero).TotalMilliseconds, 0, int.MaxValue),
        Available = Available is { } span ? new SequenceRange { From = span.From, Through = span.Through } : null,
        Epoch = Epoch ?? 0,
        Time = Timestamp.FromDateTimeOffset(time),
        SessionId = Ids.SessionId ?? "",
        TurnId = Ids.TurnId ?? "",
        ConnectionId = Ids.ConnectionId ?? "",
    };
}
