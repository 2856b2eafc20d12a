namespace MotionGateway.MotionServer;

/// <summary>The playback state of a request, as the Motion Server tells it in egress mode.</summary>
public sealed record PlaybackUpdate
{
    /// <summary>The request.</summary>
    public required string RequestId { get; init; }

    /// <summary>Its state now; the answer to a pause or resume is the state after it.</summary>
    public required PlaybackState State { get; init; }

    /// <summary>How much of the request has been played.</summary>
    public TimeSpan Played { get; init; }

    /// <summary>Why, such as <c>explicit</c>, <c>preempted</c> or <c>pause_timeout</c>; empty when not told.</summary>
    public string Reason { get; init; } = "";
}
