namespace MotionGateway.Cli.Loading;

/// <summary>Delays in milliseconds; null when none was counted.</summary>
/// <param name="Count">How many there were.</param>
/// <param name="P50">Half of them were at most that.</param>
/// <param name="P95">95 of a hundred were at most that.</param>
/// <param name="P99">99 of a hundred were at most that.</param>
/// <param name="Max">The longest.</param>
internal sealed record DelaySummary(long Count, int? P50, int? P95, int? P99, int? Max);
