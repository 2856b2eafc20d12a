using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Egress;

/// <summary>
/// A request in playback: a position that moves while it plays, and that waits for audio where there is none yet.
/// </summary>
internal sealed class PlayedRequest(string id, int sampleRate, TimeProvider timeProvider)
{
    private long _since = timeProvider.GetTimestamp();
    private long _pcmBytes;

    public string Id => id;

    public PlaybackState State { get; private set; } = PlaybackState.Playing;

    public string Reason { get; private set; } = "";

    public TimeSpan Position { get; private set; }

    public bool AudioEnded { get; private set; }

    /// <summary>How long the position has waited for audio, without pauses; zero while it moves.</summary>
    public TimeSpan Starved { get; private set; }

    public bool IsOver => State is PlaybackState.Ended or PlaybackState.Interrupted;

    /// <summary>Media time of the audio so far.</summary>
    public TimeSpan Duration => TimeSpan.FromTicks(_pcmBytes / sizeof(short) * TimeSpan.TicksPerSecond / sampleRate);

    /// <summary>How long it has been in its state, as far as that matters: since the pause began.</summary>
    public TimeSpan Held => timeProvider.GetElapsedTime(_since);

    /// <summary>Takes audio; the position up to now is settled first, since it may have waited for this audio.</summary>
    public void Add(int pcmBytes, bool end)
    {
        Advance();
        _pcmBytes += pcmBytes;
        Starved = TimeSpan.Zero;
        AudioEnded |= end;
    }

    /// <summary>Moves the position to now, but not beyond the audio. At the end of all audio the playback has ended.</summary>
    public void Advance()
    {
        if (State != PlaybackState.Playing)
        {
            return;
        }

        long now = timeProvider.GetTimestamp();
        Position += timeProvider.GetElapsedTime(_since, now);
        _since = now;
        if (Position >= Duration)
        {
            Starved += Position - Duration;
            Position = Duration;
        }

        if (AudioEnded && Position == Duration)
        {
            State = PlaybackState.Ended;
        }
    }

    public void Pause()
    {
        if (State == PlaybackState.Playing)
        {
            State = PlaybackState.Paused;
            _since = timeProvider.GetTimestamp();
        }
    }

    public void Resume()
    {
        if (State == PlaybackState.Paused)
        {
            State = PlaybackState.Playing;
            _since = timeProvider.GetTimestamp();
        }
    }

    public void Interrupt(string reason)
    {
        State = PlaybackState.Interrupted;
        Reason = reason;
    }
}
