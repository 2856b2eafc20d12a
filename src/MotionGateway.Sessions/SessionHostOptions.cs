using MotionGateway.MotionServer;

namespace MotionGateway.Sessions;

/// <summary>Bounds of all sessions of one gateway.</summary>
public sealed record SessionHostOptions
{
    /// <summary>Sessions at one time. Default 1000.</summary>
    public int MaxSessions { get; init; } = 1000;

    /// <summary>Bounds of each session.</summary>
    public SessionLimits Limits { get; init; } = new();

    /// <summary>
    /// How a session that has lost its connection to the Motion Server makes a new one for the next turn, while that turn's
    /// audio waits. Default: two further attempts after 200 and 800 ms, within 20 seconds; after a failure of the class
    /// <see cref="MotionServerRetry.Delayed"/> each waits for at least 5 seconds.
    /// </summary>
    public ReconnectPolicy Reconnect { get; init; } = new() { MaxAttempts = 2, Multiplier = 4, Budget = TimeSpan.FromSeconds(20) };
}
