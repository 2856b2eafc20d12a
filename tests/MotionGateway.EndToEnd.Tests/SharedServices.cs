namespace MotionGateway.EndToEnd.Tests;

/// <summary>Tests that can share the services: each has its own sessions.</summary>
[CollectionDefinition(nameof(SharedServices))]
public sealed class SharedServices : ICollectionFixture<RunningServices>;
