using MotionGateway.Feeds;
using MotionGateway.Speech;

namespace MotionGateway.Sessions;

/// <summary>Bounds of one session. All waits and all memory of a session add up from these.</summary>
public sealed record SessionLimits
{
    /// <summary>Ogg Opus of a minute or more, which unfolds to some 8 MB of samples.</summary>
    private const int MaxOpusChunkBytes = 256 * 1024;

    /// <summary>The shortest lead that a session may ask for: below it, timers would decide what is heard.</summary>
    public static readonly TimeSpan MinLead = TimeSpan.FromMilliseconds(20);

    /// <summary>Bytes a speaker may have sent and not yet seen acknowledged; null: two minutes of speech in its form, of Ogg Opus at 32 kbit/s.</summary>
    public long? AudioCreditBytes { get; init; }

    /// <summary>Bytes of one chunk of audio. Default 3.5 MiB: a sentence of half a minute at any rate.</summary>
    public int MaxChunkBytes { get; init; } = 7 * 512 * 1024;

    /// <summary>Media time of one turn. Default 1 hour.</summary>
    public TimeSpan MaxTurn { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Turns that may follow the one that plays. Default 256; what they hold is bounded by the credit.</summary>
    public int MaxWaitingTurns { get; init; } = 256;

    /// <summary>How long an open turn may be without audio before it is ended. Default 2 minutes.</summary>
    public TimeSpan OpenTurnTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a session waits for its speaker to resume. Default 30 s.</summary>
    public TimeSpan ResumeWindow { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a session may be without any turn; zero: for ever. Default 10 minutes.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long motion may be awaited after a turn has been heard, while it is being asked for again. Default 2 s.</summary>
    public TimeSpan RecoveryGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often motion of one turn is asked for again. Default 5.</summary>
    public int MaxRecoveries { get; init; } = 5;

    /// <summary>Keyframes by which a turn's motion may fall short when the Motion Server says that it is complete. Default 2.</summary>
    public int KeyframeTolerance { get; init; } = 2;

    /// <summary>Silence after which the connection to the Motion Server is let go of until the next speech; zero: never, the default.</summary>
    public TimeSpan ParkAfter { get; init; }

    /// <summary>Most that payloads may be released ahead of playback. Default 10 s.</summary>
    public TimeSpan MaxLead { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most that a turn's audio may wait for motion, where a session asks for it. Default 10 s.</summary>
    public TimeSpan MaxMotionWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a pause lasts at the most. Default 60 s.</summary>
    public TimeSpan PauseLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a playback signal of the Motion Server may be awaited. Default 3 s.</summary>
    public TimeSpan PlaybackSignalTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How far viewers' reports can move a turn's end. What they have moved comes off it, and comes back by a tenth of what is heard.
    /// Default 2 s.
    /// </summary>
    public TimeSpan MaxViewerLag { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a closed session's log can still be read. Default 30 s.</summary>
    public TimeSpan ClosedRetention { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes sent to a reader ahead of its acknowledgements. Default 128 KiB.</summary>
    public int ReaderWindowBytes { get; init; } = 128 * 1024;

    /// <summary>Bounds of the session log.</summary>
    public SessionLogOptions Log { get; init; } = new();

    /// <summary>Finds everything in these bounds that is wrong or does not fit together.</summary>
    /// <returns>A sentence for each, beginning with the setting's name.</returns>
    public IEnumerable<string> Validate() => SessionLimitsRules.Validate(this);

    /// <summary>The bounds of a session that is opened with these settings.</summary>
    /// <param name="settings">What it is opened with.</param>
    internal SessionLimits For(SessionSettings settings) => settings.SpeechFormat.Encoding == SpeechEncoding.OggOpus
        ? this with { MaxChunkBytes = Math.Min(MaxChunkBytes, MaxOpusChunkBytes) }
        : this;
}
