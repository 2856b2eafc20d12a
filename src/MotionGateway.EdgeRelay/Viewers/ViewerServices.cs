namespace MotionGateway.EdgeRelay;

/// <summary>What every viewer works with.</summary>
internal sealed record ViewerServices(
    EdgeRelayOptions Options,
    ViewerKeys Keys,
    ViewerRegistry Registry,
    FeedDirectory Directory,
    CatchUps CatchUps,
    ViewerEventIntake Intake,
    FanOutWorkers Workers,
    RelayMetrics Metrics,
    TimeProvider TimeProvider,
    ILogger<Viewer> Logger);
