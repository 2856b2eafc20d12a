using Microsoft.Extensions.Diagnostics.HealthChecks;
using MotionGateway.Sessions;

namespace MotionGateway.Gateway;

/// <summary>Whether the Motion Server can be reached.</summary>
internal sealed class MotionServerCheck(SessionHost host) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(host.IsMotionServerOut
            ? HealthCheckResult.Unhealthy("The Motion Server cannot be reached.")
            : HealthCheckResult.Healthy());
}
