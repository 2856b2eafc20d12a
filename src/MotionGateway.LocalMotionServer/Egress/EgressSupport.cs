namespace MotionGateway.LocalMotion.Egress;

/// <summary>What a local Motion Server makes of a configuration with LiveKit or Agora egress.</summary>
public enum EgressSupport
{
    /// <summary>Takes it, tells its playback states and can be paused: capabilities <c>playback_control</c> and <c>playback_state</c>.</summary>
    PlaybackControl = 0,

    /// <summary>Takes it as an older server does: no capabilities, no playback states but the signals, and pause is refused.</summary>
    Plain = 1,

    /// <summary>Refuses it: no egress is configured on the server.</summary>
    None = 2,
}
