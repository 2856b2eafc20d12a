using System.Collections.Concurrent;

namespace MotionGateway.MotionServer;

/// <summary>Which regions have just failed. Those are tried last, so that not every connect pays their time limits.</summary>
internal sealed class RegionCooldowns(TimeProvider time, TimeSpan length)
{
    private readonly ConcurrentDictionary<string, long> _failures = new();

    public void Fail(string region) => _failures[region] = time.GetTimestamp();

    public void Clear(string region) => _failures.TryRemove(region, out _);

    /// <summary>The regions in the order to try them: as given, those that cool down after the others.</summary>
    public IEnumerable<string> Order(IEnumerable<string> regions) => regions.OrderBy(IsCooling);

    private bool IsCooling(string region) => _failures.TryGetValue(region, out long failed) && time.GetElapsedTime(failed) < length;
}
