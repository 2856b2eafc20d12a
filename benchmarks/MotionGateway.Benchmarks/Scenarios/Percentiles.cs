namespace MotionGateway.Benchmarks;

/// <summary>Milliseconds of many measurements.</summary>
/// <param name="P50">Half took no longer.</param>
/// <param name="P95">95 of 100 took no longer.</param>
/// <param name="P99">99 of 100 took no longer.</param>
/// <param name="Count">How many there were.</param>
internal sealed record Percentiles(double P50, double P95, double P99, int Count)
{
    public static Percentiles Of(IEnumerable<TimeSpan> times)
    {
        var sorted = times.Select(time => time.TotalMilliseconds).Order().ToList();
        double At(double share) => sorted.Count == 0 ? double.NaN : Math.Round(sorted[(int)Math.Min(sorted.Count - 1, share * sorted.Count)], 2);
        return new Percentiles(At(0.5), At(0.95), At(0.99), sorted.Count);
    }
}
