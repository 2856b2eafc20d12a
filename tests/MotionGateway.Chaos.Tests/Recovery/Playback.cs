using System.Diagnostics;
using MotionGateway.V1;

namespace MotionGateway.Chaos.Tests.Recovery;

/// <summary>
/// A player that plays a turn's audio as it comes: for how long it had to wait for it, and when each keyframe was due. Every wait puts
/// off all that follows.
/// </summary>
internal sealed class Playback(int sampleRate)
{
    private long? _start;
    private TimeSpan _waited;
    private long _samples;

    /// <summary>How long playback stood still within the turn.</summary>
    public TimeSpan Pause => _waited;

    public bool HasBegun => _start is not null;

    /// <summary>When the first audio came.</summary>
    public long Start => _start ?? throw new InvalidOperationException("Nothing has come.");

    /// <summary>When a sample is heard, if playback does not stand still before.</summary>
    public TimeSpan DueSinceStart(long sample) => _waited + ToTime(sample);

    public void Take(Audio audio, long now)
    {
        _start ??= now;
        var late = Stopwatch.GetElapsedTime(Start, now) - DueSinceStart(_samples);
        if (late > TimeSpan.Zero)
        {
            _waited += late;
        }

        _samples += audio.SampleCount;
    }

    private TimeSpan ToTime(long samples) => TimeSpan.FromSeconds((double)samples / sampleRate);
}
