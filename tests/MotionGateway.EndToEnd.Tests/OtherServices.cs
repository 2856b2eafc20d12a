namespace MotionGateway.EndToEnd.Tests;

/// <summary>Tests that share services of their own, and build nothing: they run beside <see cref="SharedServices"/>.</summary>
[CollectionDefinition(nameof(OtherServices))]
public sealed class OtherServices : ICollectionFixture<RunningServices>;
