namespace MotionGateway.Sessions;

/// <summary>
/// How much of a turn has been heard by a viewer that plays what is released as soon as it can: it runs in real time,
/// stands still when all that was released has been heard, and when it is paused.
/// </summary>
internal sealed class PlaybackClock(int sampleRate, TimeProvider timeProvider)
{
    private long _heard;
    private long _since;

    public bool IsRunning { get; private set; }

    public bool IsPaused { get; private set; }

    /// <summary>Samples that can be played.</summary>
    public long Released { get; private set; }

    /// <summary>Samples heard so far.</summary>
    public long Heard => IsRunning && !IsPaused
        ? Math.Min(Released, _heard + ToSamples(timeProvider.GetElapsedTime(_since)))
        : _heard;

    /// <summary>Starts to play.</summary>
    public void Start()
    {
        IsRunning = true;
        _since = timeProvider.GetTimestamp();
    }

    /// <summary>More samples can be played.</summary>
    public void Release(long samples)
    {
        if (samples > 0 && IsRunning && !IsPaused && Heard == Released)
        {
            // It ran dry: what comes now is heard from now on.
            _heard = Released;
            _since = timeProvider.GetTimestamp();
        }

        Released += samples;
    }

    public void Pause()
    {
        _heard = Heard;
        IsPaused = true;
    }

    public void Resume()
    {
        IsPaused = false;
        _since = timeProvider.GetTimestamp();
    }

    /// <summary>Time until <paramref name="samples"/> will have been heard, if they are released by then; null while nothing runs.</summary>
    public TimeSpan? TimeUntil(long samples)
    {
        if (!IsRunning || IsPaused)
        {
            return null;
        }

        return ToTime(samples - _heard) - timeProvider.GetElapsedTime(_since);
    }

    private long ToSamples(TimeSpan time) => (long)((Int128)time.Ticks * sampleRate / TimeSpan.TicksPerSecond);

    // Rounded up: when the time has passed, the samples have been heard.
    private TimeSpan ToTime(long samples) =>
        new((long)(((Int128)samples * TimeSpan.TicksPerSecond + sampleRate - 1) / sampleRate));
}
