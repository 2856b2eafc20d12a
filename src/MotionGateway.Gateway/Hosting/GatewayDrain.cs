using Grpc.Health.V1;
using Grpc.HealthCheck;
using Microsoft.Extensions.Options;
using MotionGateway.Sessions;

namespace MotionGateway.Gateway;

/// <summary>
/// What happens before the server stops listening: readiness falls, no session is opened any more, every stream is told, speech that
/// has begun is heard, and the sessions are ended, so that every reader learns of it.
/// </summary>
internal sealed class GatewayDrain(
    SessionHost host, OpenCalls calls, HealthServiceImpl health, IOptions<GatewayOptions> options, TimeProvider timeProvider)
    : IHostedLifecycleService
{
    /// <summary>How long streams may take at least to be written out when their sessions have ended; what is left of the grace where that is more.</summary>
    private static readonly TimeSpan FlushLimit = TimeSpan.FromMilliseconds(1200);

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        health.SetStatus(ServedHealth.Gateway, HealthCheckResponse.Types.ServingStatus.NotServing);
        health.SetStatus(ServedHealth.Speech, HealthCheckResponse.Types.ServingStatus.NotServing);
        long asked = timeProvider.GetTimestamp();
        var grace = options.Value.ShutdownGrace;
        host.BeginDraining();
        calls.GoAway(grace);
        await host.DrainAsync(grace, cancellationToken);
        var left = grace - timeProvider.GetElapsedTime(asked);
        await calls.DrainAsync(left > FlushLimit ? left : FlushLimit);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
