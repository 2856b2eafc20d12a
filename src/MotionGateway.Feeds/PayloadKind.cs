namespace MotionGateway.Feeds;

/// <summary>What a payload holds; the values are the field numbers of <c>Payload.content</c>.</summary>
public enum PayloadKind
{
    /// <summary>Nothing that this version knows.</summary>
    Unknown = 0,

    /// <summary>A piece of a turn's speech.</summary>
    Audio = 4,

    /// <summary>A piece of a turn's motion.</summary>
    Motion = 5,

    /// <summary>A turn begins.</summary>
    TurnStarted = 6,

    /// <summary>All media of a turn is in the log.</summary>
    TurnSealed = 7,

    /// <summary>A turn is over.</summary>
    TurnEnded = 8,

    /// <summary>A turn's playback was paused or goes on.</summary>
    PlaybackChanged = 9,

    /// <summary>A message to all viewers.</summary>
    ViewerMessage = 10,

    /// <summary>The session is closed.</summary>
    SessionEnded = 11,
}
