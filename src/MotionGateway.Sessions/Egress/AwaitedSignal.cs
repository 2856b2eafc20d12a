namespace MotionGateway.Sessions;

/// <summary>What the Motion Server is to tell of a turn's playback next.</summary>
internal enum AwaitedSignal
{
    /// <summary>Nothing before its end.</summary>
    None,

    /// <summary>That it plays.</summary>
    Start,

    /// <summary>That it is held.</summary>
    Pause,

    /// <summary>That it goes on.</summary>
    Resume,
}
