using MotionGateway.EndToEnd.Tests.Deploy;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>Tests that can share the services, and what builds the repository's projects: one at a time.</summary>
[CollectionDefinition(nameof(SharedServices))]
public sealed class SharedServices : ICollectionFixture<RunningServices>, ICollectionFixture<PackedRelease>;
