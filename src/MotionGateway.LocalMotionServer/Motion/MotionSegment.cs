using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Motion;

/// <summary>The motion of one message.</summary>
/// <param name="Animation">Its keyframes; at least one.</param>
/// <param name="FirstKeyframe">Index of the first of them within the request.</param>
/// <param name="End">The request's last.</param>
internal sealed record MotionSegment(FlameAnimation Animation, long FirstKeyframe, bool End)
{
    /// <summary>How far the segment reaches into the speech.</summary>
    public TimeSpan EndTime => MotionTimeline.TimeOf(FirstKeyframe + Animation.Keyframes.Count);
}
