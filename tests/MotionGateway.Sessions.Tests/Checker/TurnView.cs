using System.Runtime.InteropServices;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Checker;

/// <summary>One turn, as a reader of the log knows it.</summary>
internal sealed class TurnView(string id, int rate)
{
    private readonly List<byte> _tone = [];

    public string Id { get; } = id;

    public long Ordinal { get; init; }

    /// <summary>The caller's reply that it speaks; null until its first audio, or when somebody else speaks.</summary>
    public Reply? Reply { get; set; }

    public Listener Listener { get; } = new(rate);

    public List<ulong> Keyframes { get; } = [];

    /// <summary>Released samples, by the time at which they were.</summary>
    public List<(TimeSpan At, long Samples)> Releases { get; } = [];

    public TurnEnded? Ended { get; set; }

    public TimeSpan? SealedAt { get; set; }

    public bool IsLastAudio { get; set; }

    public bool IsLastMotion { get; set; }

    /// <summary>When nothing stood before it any more.</summary>
    public TimeSpan? HeadAt { get; set; }

    public TimeSpan? FirstAudioAt { get; set; }

    /// <summary>How far viewers' reports may have moved its end.</summary>
    public TimeSpan Lag { get; set; }

    public bool WasPaused { get; set; }

    /// <summary>What it has said, which is what its reply had to say.</summary>
    public ReadOnlySpan<byte> Audio => Reply is { } reply ? reply.Speech[..(int)(Samples * 2)] : CollectionsMarshal.AsSpan(_tone);

    public long Samples { get; private set; }

    public void Add(Audio audio, TimeSpan now)
    {
        Samples += audio.SampleCount;
        if (Reply is null)
        {
            _tone.AddRange(audio.Data.Span);
        }

        Releases.Add((now, Samples));
        FirstAudioAt ??= now;
    }

    /// <summary>When a sample was released.</summary>
    public TimeSpan ReleasedAt(long sample) => Releases.First(release => release.Samples > sample).At;
}
