using Microsoft.Extensions.Hosting;

namespace MotionGateway.Cli.Hosting;

/// <summary>Leaves signals to the process: its one handler serves all that run in it.</summary>
internal sealed class EmbeddedLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
