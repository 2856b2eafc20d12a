using System.Threading.RateLimiting;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>Holds each caller to its bounds. A caller whose limits have changed begins to count anew.</summary>
internal sealed class CallerQuotas : IDisposable
{
    private readonly PartitionedRateLimiter<CallerFeature> _sessions = PartitionedRateLimiter.Create<CallerFeature, (string, int?)>(
        static caller => caller.Limits.MaxSessions is { } most
            ? RateLimitPartition.GetConcurrencyLimiter((caller.Caller.Id, (int?)most), _ => new ConcurrencyLimiterOptions { PermitLimit = most })
            : RateLimitPartition.GetNoLimiter((caller.Caller.Id, (int?)null)));

    private readonly PartitionedRateLimiter<CallerFeature> _opens = PartitionedRateLimiter.Create<CallerFeature, (string, double?)>(
        static caller => caller.Limits.OpensPerSecond is { } rate
            ? RateLimitPartition.GetTokenBucketLimiter((caller.Caller.Id, (double?)rate), _ => ToBucket(rate))
            : RateLimitPartition.GetNoLimiter((caller.Caller.Id, (double?)null)));

    /// <summary>Takes a place for one more session of a caller.</summary>
    /// <param name="caller">Who opens it.</param>
    /// <returns>The place; to be given back, by disposing of it, when the session is closed.</returns>
    /// <exception cref="GatewayException">CALLER_LIMIT: there is none.</exception>
    public IDisposable Take(CallerFeature caller)
    {
        var place = _sessions.AttemptAcquire(caller);
        if (!place.IsAcquired)
        {
            throw new GatewayException(
                ErrorReason.CallerLimit, $"The caller has {caller.Limits.MaxSessions} sessions open, which is as many as it may: close one, or try later.");
        }

        using var opening = _opens.AttemptAcquire(caller);
        if (opening.IsAcquired)
        {
            return place;
        }

        place.Dispose();
        throw new GatewayException(ErrorReason.CallerLimit, $"The caller may open {caller.Limits.OpensPerSecond} sessions a second: try later.")
        {
            RetryAfter = opening.TryGetMetadata(MetadataName.RetryAfter, out var pause) ? pause : null,
        };
    }

    public void Dispose()
    {
        _sessions.Dispose();
        _opens.Dispose();
    }

    private static TokenBucketRateLimiterOptions ToBucket(double rate) => new()
    {
        TokenLimit = (int)Math.Max(1, Math.Ceiling(2 * rate)),
        TokensPerPeriod = 1,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1 / rate),
        AutoReplenishment = false,
    };
}
