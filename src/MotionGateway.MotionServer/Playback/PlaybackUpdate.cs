namespace MotionGateway.MotionServer;

/// <summary>The playback state of a request, as the Motion Server tells it in egress mode.</summary>
/// <param name="RequestId">The request.</param>
/// <param name="State">Its state now; the answer to a pause or resume is the state after it.</param>
/// <param name="Played">How much of the request has been played.</param>
/// <param name="Reason">Why, such as <c>explicit</c>, <c>preempted</c> or <c>pause_timeout</c>; empty when not told.</param>
public sealed record PlaybackUpdate(string RequestId, PlaybackState State, TimeSpan Played, string Reason);
