namespace MotionGateway.Sessions;

/// <summary>
/// Predicts what a viewer has heard that plays what is released as soon as it can: it runs in real time, stands still when
/// all that was released has been heard, and when it is paused.
/// </summary>
internal class PredictedPlayback(SessionSettings settings, TimeProvider timeProvider) : IPlaybackClock
{
    private long _heard;
    private long _since;

    public bool IsRunning { get; private set; }

    public bool IsPaused { get; private set; }

    public long Released { get; private set; }

    public long Heard => IsRunning && !IsPaused
        ? Math.Min(Released, _heard + settings.ToSamples(timeProvider.GetElapsedTime(_since)))
        : _heard;

    public bool IsDry => IsRunning && !IsPaused && Heard == Released;

    public void Start() => MoveTo(_heard, isRunning: true);

    public void Release(long samples)
    {
        if (samples > 0 && IsDry)
        {
            // It ran dry: what comes now is heard from now on.
            MoveTo(Released, isRunning: true);
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

    public TimeSpan? TimeUntil(long samples) =>
        IsRunning && !IsPaused ? settings.ToTime(samples - _heard) - timeProvider.GetElapsedTime(_since) : null;

    /// <summary>So many samples have been heard, whatever was predicted.</summary>
    protected void MoveTo(long heard, bool isRunning)
    {
        _heard = Math.Min(heard, Released);
        _since = timeProvider.GetTimestamp();
        IsRunning = isRunning;
    }
}
