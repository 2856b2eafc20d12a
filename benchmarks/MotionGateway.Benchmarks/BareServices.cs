using System.Globalization;
using MotionGateway.Cli.Hosting;

namespace MotionGateway.Benchmarks;

/// <summary>The services that this executable itself is, as the peers of scenarios. No names on the list: scenarios start them.</summary>
internal static class BareServices
{
    /// <summary>Finds the service that the command line asks for.</summary>
    /// <returns>Serves until the process is killed; null where none is asked for.</returns>
    public static Func<Task>? Find(string[] args) => args.FirstOrDefault() switch
    {
        BareBroadcast.Command => () => ServeAsync(BareBroadcast.RunAsync(Port(args, ^1))),
        BareGateway.Command => () => ServeAsync(BareGateway.RunAsync(Port(args, ^2), motionServer: Port(args, ^1))),
        BareOpening.Command => () => ServeAsync(BareOpening.RunAsync(Port(args, ^2), motionServerPort: Port(args, ^1))),
        BareRelay.Command => () => ServeAsync(BareRelay.RunAsync(Port(args, ^2), gateway: Port(args, ^1))),
        _ => null,
    };

    // With as many threads as the product's services.
    private static async Task ServeAsync(Task serving)
    {
        using var workers = WorkerThreads.Watch();
        await serving;
    }

    private static int Port(string[] args, Index at) => int.Parse(args[at], CultureInfo.InvariantCulture);
}
