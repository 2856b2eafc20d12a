namespace MotionGateway.EdgeRelay;

/// <summary>What every viewer works with.</summary>
internal sealed record ViewerServices(
    EdgeRelayOptions Options,
    ViewerKeys Keys,
    FeedDirectory Directory,
    CatchUps CatchUps,
    RelayMetrics Metrics,
    TimeProvider TimeProvider,
    ILogger<Viewer> Logger);
