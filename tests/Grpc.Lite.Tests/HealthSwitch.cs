using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Grpc.Lite.Tests;

/// <summary>A health check that a test turns.</summary>
public sealed class HealthSwitch : IHealthCheck
{
    private volatile bool _isHealthy = true;

    /// <summary>What the check says.</summary>
    public bool IsHealthy
    {
        get => _isHealthy;
        set => _isHealthy = value;
    }

    /// <summary>Publishes as soon and as often as the host can.</summary>
    public static void PublishSoon(HealthCheckPublisherOptions options)
    {
        options.Delay = TimeSpan.Zero;
        options.Period = TimeSpan.FromSeconds(1);
    }

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(IsHealthy ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
}
