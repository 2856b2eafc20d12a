namespace MotionGateway.MotionServer;

/// <summary>Names of optional features that a Motion Server announces; see <see cref="IMotionConnection.Capabilities"/>.</summary>
public static class MotionCapabilities
{
    /// <summary>Pause and resume (egress).</summary>
    public const string PlaybackControl = "playback_control";

    /// <summary>Playback states are sent (egress).</summary>
    public const string PlaybackState = "playback_state";
}
