using MotionGateway.Speech;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>What a session is opened with.</summary>
public sealed record SessionSettings
{
    /// <summary>Avatar, as the Motion Server knows it.</summary>
    public required string AvatarId { get; init; }

    /// <summary>Samples a second of the session's timeline.</summary>
    public required int SampleRate { get; init; }

    /// <summary>Form of the speaker's speech. Default: mono PCM at the timeline's rate.</summary>
    public SpeechFormat SpeechFormat { get => field ?? Timeline; init; }

    /// <summary>How readers get audio: PCM or Ogg Opus.</summary>
    public AudioEncoding AudioEncoding { get; init; } = AudioEncoding.PcmS16Le;

    /// <summary>How Opus is made, where it is.</summary>
    public SpeechEncoderOptions Opus { get; init; } = new();

    /// <summary>Name of the app to open it under.</summary>
    public string App { get; init; } = "";

    /// <summary>Id of who opens it; no secret.</summary>
    public string Caller { get; init; } = "";

    /// <summary>What it takes up of its caller's bounds: given back when it is closed. Null: nothing.</summary>
    public IDisposable? Place { get; init; }

    /// <summary>When a turn's audio is released.</summary>
    public AudioRelease AudioRelease { get; init; } = AudioRelease.Paced;

    /// <summary>When the next turn is released.</summary>
    public TurnRelease TurnRelease { get; init; } = TurnRelease.AfterPrevious;

    /// <summary>Payloads are released at most so far ahead of playback.</summary>
    public TimeSpan MaxLead { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a turn's audio may wait for motion, in all.</summary>
    public TimeSpan MaxMotionWait { get; init; } = TimeSpan.FromMilliseconds(1500);

    /// <summary>An audio payload lasts no longer.</summary>
    public TimeSpan MaxPayload { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>A message to the Motion Server holds no more speech.</summary>
    public TimeSpan MaxUpstream { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Speech beyond the credit is refused instead of waiting.</summary>
    public bool RefuseBeyondCredit { get; init; }

    /// <summary>The room that the Motion Server publishes into; null: media goes through the log.</summary>
    public ISessionEgress? Egress { get; init; }

    /// <summary>Labels for people and filters.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Samples that a keyframe lasts: 25 keyframes a second divide each supported rate.</summary>
    public int SamplesPerKeyframe => SampleRate / 25;

    /// <summary>
    /// Samples of one audio payload at the most: <see cref="MaxPayload"/>, 16 KiB, and half the lead, so that motion is there in
    /// time. Of Opus a payload has one packet at the least.
    /// </summary>
    public int MaxPayloadSamples => Math.Max(1, (int)Math.Min(
        Math.Min(ToSamples(MaxPayload), AudioEncoding == AudioEncoding.OggOpus ? long.MaxValue : 16 * 1024 / sizeof(short)),
        ToSamples(MaxLead) / 2));

    /// <summary>The form that speech has within a session.</summary>
    internal SpeechFormat Timeline => new(SpeechEncoding.PcmS16Le, SampleRate, 1);

    /// <summary>The caller's bytes for a second of speech; where only headers say it, an assumption that credit is counted by.</summary>
    internal long BytesPerSecond => SpeechFormat.Encoding switch
    {
        SpeechEncoding.OggOpus => 4_000,
        SpeechEncoding.Wav => SampleRate * sizeof(short),
        SpeechEncoding.PcmS16Le => (long)SpeechFormat.SampleRate * SpeechFormat.Channels * sizeof(short),
        SpeechEncoding.PcmF32Le => (long)SpeechFormat.SampleRate * SpeechFormat.Channels * sizeof(float),
        _ => (long)SpeechFormat.SampleRate * SpeechFormat.Channels,
    };

    /// <summary>Samples that so many of the caller's bytes give at the least; of Opus, and of WAV, which has a header, nothing is known.</summary>
    internal long LeastSamples(long bytes) => SpeechFormat.Encoding is SpeechEncoding.OggOpus or SpeechEncoding.Wav
        ? 0
        : (long)((Int128)bytes * SampleRate / BytesPerSecond);

    /// <summary>Samples that last so long.</summary>
    /// <param name="time">How long.</param>
    public long ToSamples(TimeSpan time) => (long)((Int128)time.Ticks * SampleRate / TimeSpan.TicksPerSecond);

    /// <summary>How long samples last, rounded up: when the time has passed, they have been heard.</summary>
    /// <param name="samples">How many.</param>
    public TimeSpan ToTime(long samples) =>
        new((long)((((Int128)samples * TimeSpan.TicksPerSecond) + SampleRate - 1) / SampleRate));

    /// <summary>Keyframes that so much complete speech gives.</summary>
    /// <param name="samples">The turn's samples.</param>
    public long KeyframesDue(long samples) => samples == 0 ? 0 : Math.Max(1, samples / SamplesPerKeyframe);
}
