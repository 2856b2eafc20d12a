namespace MotionGateway.Sessions.Tests.Checker;

/// <summary>
/// Somebody who listens to one turn, and plays what is there as soon as it is there: how much has been heard, and for how long speech
/// that could have been heard was not there. In samples and in time since the beginning of the test.
/// </summary>
internal sealed class Listener(int rate)
{
    private double _heard;
    private TimeSpan _since;
    private bool _isPaused;

    public bool HasBegun { get; private set; }

    public long Released { get; private set; }

    /// <summary>How often, and for how long, it had to wait in the midst of the turn for speech that the session had.</summary>
    public int Stalls { get; private set; }

    public TimeSpan Stalled { get; private set; }

    /// <summary>When all that was released has been heard; null while it is paused.</summary>
    public TimeSpan? HeardAllAt => _isPaused ? null : _since + TimeSpan.FromSeconds((Released - _heard) / rate);

    public double Heard(TimeSpan now) => HasBegun && !_isPaused ? Math.Min(Released, _heard + ((now - _since).TotalSeconds * rate)) : _heard;

    /// <summary>Its turn has come to be played.</summary>
    public void Begin(TimeSpan now)
    {
        HasBegun = true;
        _since = now;
    }

    /// <summary>Audio came.</summary>
    /// <param name="now">When.</param>
    /// <param name="samples">How much.</param>
    /// <param name="takenAt">When the session had taken its first sample.</param>
    public void Release(TimeSpan now, long samples, TimeSpan takenAt)
    {
        double heard = Heard(now);
        if (HasBegun && !_isPaused && heard >= Released - 0.5)
        {
            var dryAt = HeardAllAt!.Value;
            var waited = now - (takenAt > dryAt ? takenAt : dryAt);
            if (Released > 0 && waited > TimeSpan.FromMilliseconds(2))
            {
                Stalls++;
                Stalled += waited;
            }

            (_heard, _since) = (Released, now);
        }

        Released += samples;
    }

    public void Pause(TimeSpan now, bool paused)
    {
        _heard = Heard(now);
        (_isPaused, _since) = (paused, now);
    }
}
