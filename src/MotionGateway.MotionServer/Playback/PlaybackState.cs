namespace MotionGateway.MotionServer;

/// <summary>What becomes of a request where the Motion Server publishes it (egress).</summary>
public enum PlaybackState
{
    /// <summary>A state that this version does not know.</summary>
    Unknown = 0,
    /// <summary>It is being played.</summary>
    Playing = 1,
    /// <summary>It is held.</summary>
    Paused = 2,
    /// <summary>It has been played to its end.</summary>
    Ended = 3,
    /// <summary>It was stopped before its end.</summary>
    Interrupted = 4,
}
