using MotionGateway.Feeds;

namespace MotionGateway.Sessions;

/// <summary>Bounds of one session. All waits and all memory of a session add up from these.</summary>
public sealed record SessionLimits
{
    /// <summary>Bytes a speaker may have sent and not yet seen acknowledged; null: one minute of audio at the session's rate.</summary>
    public long? AudioCreditBytes { get; init; }

    /// <summary>Bytes of one chunk of audio. Default 256 KiB.</summary>
    public int MaxChunkBytes { get; init; } = 256 * 1024;

    /// <summary>Media time of one turn. Default 10 minutes.</summary>
    public TimeSpan MaxTurn { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Turns that may follow the one that plays. Default 16.</summary>
    public int MaxWaitingTurns { get; init; } = 16;

    /// <summary>How long a session waits for its speaker to resume. Default 30 s.</summary>
    public TimeSpan ResumeWindow { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a session may be without any turn; zero: for ever. Default 10 minutes.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the Motion Server may take over a turn whose audio is complete without any progress. Default 10 s.</summary>
    public TimeSpan MotionTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long audio is held for a turn's first motion, where that is asked for. Default 5 s.</summary>
    public TimeSpan HoldLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a pause lasts at the most. Default 60 s.</summary>
    public TimeSpan PauseLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How far viewers' reports can move a turn's end. Default 2 s.</summary>
    public TimeSpan MaxViewerLag { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a closed session's log can still be read. Default 30 s.</summary>
    public TimeSpan ClosedRetention { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes sent to a reader ahead of its acknowledgements. Default 128 KiB.</summary>
    public int ReaderWindowBytes { get; init; } = 128 * 1024;

    /// <summary>Bounds of the session log.</summary>
    public SessionLogOptions Log { get; init; } = new();

    /// <summary>The credit of a session.</summary>
    /// <param name="sampleRate">Hertz.</param>
    public long CreditBytesAt(int sampleRate) => AudioCreditBytes ?? 60L * sampleRate * sizeof(short);
}
