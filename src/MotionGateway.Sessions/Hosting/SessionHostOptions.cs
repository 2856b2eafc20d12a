using MotionGateway.Feeds;
using MotionGateway.MotionServer;
using MotionGateway.OggOpus;
using MotionGateway.Speech;

namespace MotionGateway.Sessions;

/// <summary>Bounds of all sessions of one gateway.</summary>
public sealed record SessionHostOptions
{
    /// <summary>The apps that sessions may be opened under. Default none.</summary>
    public IReadOnlyList<SessionApp> Apps { get; init; } = [];

    /// <summary>Sessions that are open at one time; as many closed ones can still be read. Default 1000.</summary>
    public int MaxSessions { get; init; } = 1000;

    /// <summary>
    /// Bytes of all logs and all media that waits, at which no session is opened any more and each open one has the least credit:
    /// a second of speech. It is no wall for what was begun: beyond it each open session can hold its log
    /// (<see cref="SessionLogOptions.MaxBytes"/>, twice that of what is unheard), two seconds of speech and one chunk that are read,
    /// and the motion of these.
    /// Null: half of the memory that the process may use.
    /// </summary>
    public long? MaxTotalBytes { get; init; }

    /// <summary>
    /// How long a connection to the Motion Server lasts by plan: it is replaced shortly before. Null: learned from the first ones
    /// that reach their limit.
    /// </summary>
    public TimeSpan? ConnectionLifetime { get; init; }

    /// <summary>Bounds of each session.</summary>
    public SessionLimits Limits { get; init; } = new();

    /// <summary>
    /// How a session that has lost its connection to the Motion Server makes a new one, while speech goes on. Default: four further
    /// attempts after 100, 300, 900 and 2700 ms, within 20 seconds; after a failure of the class
    /// <see cref="MotionServerRetry.Delayed"/> each waits for at least 5 seconds.
    /// </summary>
    public ReconnectPolicy Reconnect { get; init; } =
        new() { MaxAttempts = 4, FirstDelay = TimeSpan.FromMilliseconds(100), Multiplier = 3, Budget = TimeSpan.FromSeconds(20) };

    /// <summary>When new sessions are refused because the Motion Server cannot be reached.</summary>
    public MotionServerOutageOptions Outage { get; init; } = new();

    /// <summary>How Opus is made, for readers who get it and for the Motion Server.</summary>
    public SpeechEncoderOptions Opus { get; init; } = new();

    /// <summary>
    /// Samples are sent to the Motion Server as Ogg Opus: a third or less of their bytes, for processor time. A session whose
    /// timeline Opus has not (22050, 32000 and 44100 Hz) sends samples all the same; speech that comes as Opus is passed on as such.
    /// Default false.
    /// </summary>
    public bool SendsOpus { get; init; }

    /// <summary>The form in which the Motion Server gets a session's speech.</summary>
    internal MotionAudioFormat ToMotionServer(SessionSettings settings) =>
        settings.SpeechFormat.Encoding == SpeechEncoding.OggOpus ? MotionAudioFormat.OggOpus(settings.SampleRate)
        : SendsOpus && MotionAudioFormat.SupportedOpusRates.Contains(settings.SampleRate) ? MotionAudioFormat.PcmToOggOpus(new OggOpusEncoderOptions
        {
            SampleRate = settings.SampleRate,
            Bitrate = Opus.Bitrate,
            Complexity = Opus.Complexity,
        })
        : new MotionAudioFormat(settings.SampleRate);

    /// <summary>The bytes that all sessions together may hold.</summary>
    internal long TotalBytes => MaxTotalBytes ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;
}
