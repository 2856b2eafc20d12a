namespace MotionGateway.Sessions;

/// <summary>How much of a turn has been heard.</summary>
internal interface IPlaybackClock
{
    /// <summary>Whether playback has begun.</summary>
    bool IsRunning { get; }

    /// <summary>Whether it is held.</summary>
    bool IsPaused { get; }

    /// <summary>Samples that can be played.</summary>
    long Released { get; }

    /// <summary>Samples heard so far.</summary>
    long Heard { get; }

    /// <summary>Whether all that was released has been heard, and playback waits for more.</summary>
    bool IsDry { get; }

    /// <summary>Starts to play.</summary>
    void Start();

    /// <summary>More samples can be played.</summary>
    void Release(long samples);

    /// <summary>Holds playback.</summary>
    void Pause();

    /// <summary>Lets held playback go on.</summary>
    void Resume();

    /// <summary>Time until <paramref name="samples"/> will have been heard, if they are released by then; null while nothing runs.</summary>
    TimeSpan? TimeUntil(long samples);
}
