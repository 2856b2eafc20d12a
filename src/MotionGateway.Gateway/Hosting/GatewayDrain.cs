using Grpc.HealthCheck;
using Microsoft.Extensions.Options;
using MotionGateway.Sessions;

namespace MotionGateway.Gateway;

/// <summary>
/// What happens before the server stops listening: readiness falls, every stream is told, speech that has begun is heard, and the
/// sessions are ended, so that every reader learns of it.
/// </summary>
internal sealed class GatewayDrain(
    SessionHost host, OpenCalls calls, HealthServiceImpl health, IOptions<GatewayOptions> options) : IHostedLifecycleService
{
    /// <summary>How long streams may take to be written out when their sessions have ended.</summary>
    private static readonly TimeSpan FlushLimit = TimeSpan.FromMilliseconds(1200);

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        health.SetStatus("", Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus.NotServing);
        calls.GoAway(options.Value.ShutdownGrace);
        await host.DrainAsync(options.Value.ShutdownGrace, cancellationToken);
        await calls.DrainAsync(FlushLimit);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
