namespace MotionGateway.Cli.Loading;

/// <summary>Counts delays by the millisecond, up to a minute: whatever is longer counts as that. Any thread may add.</summary>
internal sealed class DelayHistogram
{
    private const int MaxMs = 60_000;

    private readonly long[] _counts = new long[MaxMs + 1];

    /// <summary>Counts one.</summary>
    public void Add(TimeSpan delay) => Interlocked.Increment(ref _counts[(int)Math.Clamp(delay.TotalMilliseconds, 0, MaxMs)]);

    /// <summary>What was counted so far.</summary>
    public DelaySummary Summarize()
    {
        long count = _counts.Sum();
        return count == 0 ? new DelaySummary(0, null, null, null, null)
            : new DelaySummary(count, Rank(count, 0.50), Rank(count, 0.95), Rank(count, 0.99), Rank(count, 1));
    }

    private int Rank(long count, double share)
    {
        long left = (long)Math.Ceiling(count * share);
        for (int ms = 0; ms < MaxMs; ms++)
        {
            left -= _counts[ms];
            if (left <= 0)
            {
                return ms;
            }
        }

        return MaxMs;
    }
}
