namespace MotionGateway.Sessions;

/// <summary>Bounds of all sessions of one gateway.</summary>
public sealed record SessionHostOptions
{
    /// <summary>Sessions at one time. Default 1000.</summary>
    public int MaxSessions { get; init; } = 1000;

    /// <summary>Bounds of each session.</summary>
    public SessionLimits Limits { get; init; } = new();
}
