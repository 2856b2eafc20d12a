namespace MotionGateway.EdgeRelay;

/// <summary>
/// What happens before the server stops listening: readiness falls, new feeds are refused, every viewer is told, and feeds are
/// ended a few at a time. Until then whoever asks is answered.
/// </summary>
internal sealed class RelayDrain(ViewerRegistry registry, RelayMetrics metrics) : IHostedLifecycleService
{
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        metrics.DrainBegan();
        try
        {
            await registry.DrainAsync().WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Whoever has not left by then is cut off with the server.
        }
        finally
        {
            metrics.DrainEnded();
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
