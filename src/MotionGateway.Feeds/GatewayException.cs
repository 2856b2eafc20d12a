using MotionGateway.V1;

namespace MotionGateway.Feeds;

/// <summary>A request that cannot be served, or a feed that cannot go on, with its stable reason.</summary>
/// <param name="reason">The stable reason.</param>
/// <param name="message">For people: what is wrong and what to do. Holds no secret.</param>
public sealed class GatewayException(ErrorReason reason, string message) : Exception(message)
{
    /// <summary>The stable reason.</summary>
    public ErrorReason Reason { get; } = reason;

    /// <summary>The request's field at fault, in the names of the protos, such as <c>audio.data</c>; null when none is.</summary>
    public string? Field { get; init; }

    /// <summary>With a position that cannot be served: the sequences that are there; null when the log is empty.</summary>
    public SequenceSpan? Available { get; init; }

    /// <summary>With a position that cannot be served: the epoch of <see cref="Available"/>.</summary>
    public uint? Epoch { get; init; }

    /// <summary>What it was about, as far as whoever throws it knows.</summary>
    public FailureIds Ids { get; init; } = FailureIds.None;

    /// <summary>How long to wait before trying again, where that is known.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The same failure, to be thrown by somebody else: an exception that is thrown twice loses its trace.</summary>
    internal GatewayException Copy() => new(Reason, Message)
    {
        Ids = Ids,
        Field = Field,
        Available = Available,
        Epoch = Epoch,
        RetryAfter = RetryAfter,
    };
}
