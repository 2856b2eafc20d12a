using Microsoft.Extensions.Diagnostics.HealthChecks;
using MotionGateway.Sessions;

namespace MotionGateway.Gateway;

/// <summary>
/// Whether the gateway takes new sessions. What goes wrong at the Motion Server is no reason to send callers elsewhere: it would
/// take every gateway out of service (<see cref="MotionServerCheck"/>).
/// </summary>
internal sealed class ReadinessCheck(SessionHost host) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(host.IsReady
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy("No new sessions are taken: the gateway is full, or shuts down."));
}
