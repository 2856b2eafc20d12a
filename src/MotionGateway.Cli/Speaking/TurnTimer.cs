using MotionGateway.V1;

namespace MotionGateway.Cli.Speaking;

/// <summary>Tells how much later than its speech was sent the media of a turn comes.</summary>
/// <param name="sampleRate">Hertz of its speech, which is delivered as it was sent.</param>
/// <param name="time">The clock.</param>
internal sealed class TurnTimer(int sampleRate, TimeProvider time)
{
    private const int KeyframesPerSecond = 25;

    // Guarded by itself: until which sample was sent when.
    private readonly List<(long Through, long At)> _sent = [];

    /// <summary>From the first speech sent to the first audio; null before it came.</summary>
    public TimeSpan? FirstAudio { get; private set; }

    /// <summary>From the first speech sent to the first motion; null before it came.</summary>
    public TimeSpan? FirstMotion { get; private set; }

    /// <summary>From the first speech sent to now; null before that.</summary>
    public TimeSpan? Elapsed => SinceSent(0);

    /// <summary>Speech is sent.</summary>
    /// <param name="through">Samples of the turn that have been sent with it.</param>
    public void Send(long through)
    {
        lock (_sent)
        {
            _sent.Add((through, time.GetTimestamp()));
        }
    }

    /// <summary>A payload has come to the speaker.</summary>
    public void Take(Payload payload)
    {
        if (payload.ContentCase == Payload.ContentOneofCase.Audio)
        {
            FirstAudio ??= Elapsed;
        }
        else if (payload.ContentCase == Payload.ContentOneofCase.Motion)
        {
            FirstMotion ??= Elapsed;
        }
    }

    /// <summary>How long ago a payload's first sample was sent; null for what is no media, or was not sent.</summary>
    public TimeSpan? DelayOf(Payload payload) => payload.ContentCase switch
    {
        Payload.ContentOneofCase.Audio => SinceSent(payload.Audio.FirstSample),
        Payload.ContentOneofCase.Motion => SinceSent(payload.Motion.FirstKeyframe * sampleRate / KeyframesPerSecond),
        _ => null,
    };

    private TimeSpan? SinceSent(long sample)
    {
        lock (_sent)
        {
            int index = _sent.FindIndex(sent => sent.Through > sample);
            return index < 0 ? null : time.GetElapsedTime(_sent[index].At);
        }
    }
}
