using Microsoft.Extensions.Logging;

namespace MotionGateway.MotionServer;

/// <summary>Runs what a connection needs in one region after the other, until one does it.</summary>
internal sealed class RegionRoute(
    MotionServerOptions options, RegionResolver resolver, HttpMessageInvoker http, TimeProvider time, ILogger logger)
{
    private readonly RegionCooldowns _cooldowns = new(time, options.RegionCooldown);

    /// <summary>
    /// Whether another region can do what one has failed at: exactly where this region could after a pause. What the account,
    /// the credentials or the request are at fault for is the same everywhere, and so are the account's limits.
    /// </summary>
    public static bool IsRegional(MotionServerException failure) => failure.Retry == MotionServerRetry.Backoff;

    /// <summary>The regions in the order to try them, and how the first of the configured order was found.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<(List<RegionTarget> Targets, RegionSource Source)> FindAsync(CancellationToken cancellationToken)
    {
        ResolvedRegion first = await resolver.ResolveAsync(cancellationToken).ConfigureAwait(false);
        string?[] names = first.Name is null ? [null] : [.. _cooldowns.Order(Configured(first.Name))];
        return ([.. names.Select(name => new RegionTarget(name, options, http, time))], first.Source);
    }

    /// <summary>
    /// Whether what is open in a region need not give way: no region that would be tried first now comes before it in the
    /// configured order. So what stands in for a region that has failed does until that has cooled down, and what is still open
    /// in that region stays good.
    /// </summary>
    public bool IsCurrent(string? region)
    {
        if (region is null || resolver.Known() is not string first)
        {
            return true;
        }

        List<string> configured = [.. Configured(first)];
        int rank = configured.IndexOf(region);
        return rank >= 0 && rank <= configured.IndexOf(_cooldowns.Order(configured).First());
    }

    /// <summary>Runs something in the first region that can; goes on to the next one after a failure that is the region's own.</summary>
    /// <exception cref="MotionServerException">
    /// What no other region would change, or, when all regions failed, what the first did; the other failures are with it.
    /// </exception>
    public async Task<T> RunAsync<T>(Func<RegionTarget, CancellationToken, Task<T>> run, CancellationToken cancellationToken)
    {
        (List<RegionTarget> targets, _) = await FindAsync(cancellationToken).ConfigureAwait(false);
        List<MotionServerException> failures = [];
        foreach (RegionTarget target in targets)
        {
            try
            {
                T result = await run(target, cancellationToken).ConfigureAwait(false);
                Succeeded(target);
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

    private IEnumerable<string> Configured(string first) => options.FallbackRegions.Prepend(first).Distinct();

    /// <summary>A region did what was asked.</summary>
    public void Succeeded(RegionTarget target)
    {
        if (target.Region is string region)
        {
            _cooldowns.Clear(region);
        }
    }

    /// <summary>A region has failed.</summary>
    /// <param name="target">The region.</param>
    /// <param name="failure">Why.</param>
    /// <param name="next">The region that is tried now; null for none.</param>
    public void Failed(RegionTarget target, MotionServerException failure, RegionTarget? next)
    {
        if (target.Region is string region)
        {
            _cooldowns.Fail(region);
        }

        if (next is not null)
        {
            RegionTelemetry.RecordFallback(target.Region);
            logger.RegionFailed(target.Region, failure.Code.ToStableName(), failure.Phase.ToStableName(), next.Region, failure.Message);
        }
    }
}
