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

    /// <summary>How long to wait before trying again, where that is known.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
