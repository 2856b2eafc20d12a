namespace MotionGateway.EdgeRelay.Tests.Conformance;

/// <summary>Something that happens to a feed, whatever its kind.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Play">Plays it.</param>
/// <param name="WhyNot">Why a kind has no such thing; null where it has.</param>
internal sealed record FeedScenario(string Name, Func<FeedKind, SessionUnderTest, Task> Play, Func<FeedKind, string?> WhyNot);
