namespace MotionGateway.MotionServer.Tests.Telemetry;

/// <summary>Runs alone: meters and activity sources are the process's.</summary>
[CollectionDefinition(nameof(MeasuredAlone), DisableParallelization = true)]
public sealed class MeasuredAlone;
