namespace MotionGateway.EdgeRelay.Tests.Conformance;

/// <summary>What a client of any feed can be told.</summary>
internal enum FeedSign
{
    Opened,
    TurnStarted,
    Audio,
    Motion,

    /// <summary>All speech and motion of the turn has come.</summary>
    TurnComplete,
    TurnEnded,
    Interrupted,
    Skipped,
    GatewayAway,
    GatewayBack,
    GoingAway,
    TokenExpiring,
    TokenRenewed,
    SessionEnded,
    Failed,

    /// <summary>What no scenario asks for.</summary>
    Other,
}
