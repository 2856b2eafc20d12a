using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace MotionGateway.MotionServer;

/// <summary>Runs what a connection needs in one region after the other, until one does it. Regions that have just failed are tried last, so that not every connect pays their time limits.</summary>
internal sealed class RegionRoute(
    MotionServerOptions options, RegionResolver resolver, HttpMessageInvoker http, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Cooldown = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, long> _failedAt = new();

    // By a region's name; empty where explicit URLs leave no choice.
    private readonly ConcurrentDictionary<string, RegionTarget> _targets = new();

    /// <summary>
    /// Whether another region can do what one has failed at: exactly where this region could after a pause. What the account, the credentials or the request are at fault
    /// for is the same everywhere, and so are the account's limits.
    /// </summary>
    public static bool IsRegional(MotionServerException failure) => failure.Retry == MotionServerRetry.Backoff;

    /// <summary>
    /// Whether what is open in a region need not give way: no region that would be tried first now comes before it in the configured order. So what stands in for a
    /// region that has failed does until that has cooled down, and what is still open in that region stays good.
    /// </summary>
    public bool IsCurrent(string? region)
    {
        if (region is null || resolver.Known() is not string first)
        {
            return true;
        }

        List<string> configured = [.. Configured(first)];
        int rank = configured.IndexOf(region);
        return rank >= 0 && rank <= configured.IndexOf(configured.OrderBy(IsCooling).First());
    }

    /// <summary>Runs something in the first region that can; goes on to the next one after a failure that is the region's own.</summary>
    /// <exception cref="MotionServerException">
    /// What no other region would change, or, when all regions failed, what the first did; the other failures are with it.
    /// </exception>
    public async Task<T> RunAsync<T>(Func<RegionTarget, CancellationToken, Task<T>> run, CancellationToken cancellationToken)
    {
        ResolvedRegion first = await resolver.ResolveAsync(cancellationToken).ConfigureAwait(false);
        string?[] names = first.Name is null ? [null] : [.. Configured(first.Name).OrderBy(IsCooling)];
        List<RegionTarget> targets = [.. names.Select(name => _targets.GetOrAdd(name ?? "", _ => new RegionTarget(name, options, http, time)))];
        List<MotionServerException> failures = [];
        foreach (RegionTarget target in targets)
        {
            try
            {
                T result = await run(target, cancellationToken).ConfigureAwait(false);
                _failedAt.TryRemove(target.Region ?? "", out _);
                return result;
            }
            catch (MotionServerException failure) when (IsRegional(failure) && targets.Count > 1)
            {
                MotionServerTelemetry.RecordError(failure);
                failures.Add(failure);
                Failed(target, failure, targets.ElementAtOrDefault(failures.Count));
            }
            catch (MotionServerException failure)
            {
                MotionServerTelemetry.RecordError(failure);
                if (failures.Count == 0)
                {
                    throw;
                }

                throw Failures.WithOtherRegions(failure, failures);
            }
        }

        throw Failures.WithOtherRegions(failures[0], failures[1..]);
    }

    // The next is tried now, if there is one.
    private void Failed(RegionTarget target, MotionServerException failure, RegionTarget? next)
    {
        _failedAt[target.Region ?? ""] = time.GetTimestamp();
        if (next is not null)
        {
            MotionServerTelemetry.RecordFallback(target.Region);
            logger.RegionFailed(target.Region, failure.Code.ToStableName(), failure.Phase.ToStableName(), next.Region, failure.Message);
        }
    }

    private IEnumerable<string> Configured(string first) => options.FallbackRegions.Prepend(first).Distinct();

    private bool IsCooling(string region) => _failedAt.TryGetValue(region, out long failed) && time.GetElapsedTime(failed) < Cooldown;
}
