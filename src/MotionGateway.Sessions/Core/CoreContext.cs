namespace MotionGateway.Sessions;

/// <summary>What the parts of a session's state machine share.</summary>
internal sealed record CoreContext(
    SessionSettings Settings, SessionLimits Limits, TurnQueue Turns, LogWriter Writer, SpeakerLedger Ledger, TimeProvider Time)
{
    /// <summary>Turns are published into a room; else their media goes through the log.</summary>
    public bool IsPublishing { get; set; } = Settings.Egress is not null;

    public long Now => Time.GetTimestamp();

    public TimeSpan Since(long timestamp) => Time.GetElapsedTime(timestamp);
}
