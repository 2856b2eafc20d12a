namespace MotionGateway.Sessions.Tests.Checker;

/// <summary>
/// Playback by integration: each stretch of time that passes is added. Counted in ticks × hertz, so that a sample is
/// <see cref="TimeSpan.TicksPerSecond"/> of them and nothing is rounded.
/// </summary>
internal sealed class ReferenceClock(int sampleRate)
{
    private long _heard;
    private long _released;
    private long _dry;

    public bool IsRunning { get; set; }

    public bool IsPaused { get; private set; }

    public long Heard => _heard / TimeSpan.TicksPerSecond;

    public void Pass(TimeSpan time)
    {
        if (IsRunning && !IsPaused)
        {
            long wanted = time.Ticks * sampleRate;
            long played = Math.Min(wanted, _released - _heard);
            _heard += played;
            _dry += wanted - played;
        }
    }

    public void Release(long samples)
    {
        if (samples > 0)
        {
            _released += samples * TimeSpan.TicksPerSecond;
            _dry = 0;
        }
    }

    public void Pause()
    {
        IsPaused = true;
        _dry = 0;
    }

    public void Resume() => IsPaused = false;

    /// <summary>Whether all was heard, and so long ago that a viewer this far behind has heard it too.</summary>
    public bool IsOver(long lagSamples) =>
        IsRunning && !IsPaused && _heard == _released && _dry >= lagSamples * TimeSpan.TicksPerSecond;
}
