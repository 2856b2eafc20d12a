using MotionGateway.LocalMotion.Faults;

namespace MotionGateway.Chaos.Tests.Recovery;

/// <summary>
/// All faults of which a session makes something other than a turn as ever, tried side by side, since each takes as long as its turn is
/// heard. Those of tokens are tried one after the other: they strike whoever asks next.
/// </summary>
public sealed class FaultRuns : IAsyncLifetime
{
    private const int AtOneTime = 10;

    // On a busy machine a turn may be over, or a connection given up, before the fault strikes.
    private const int Attempts = 3;

    private readonly Dictionary<string, Task<FaultResult>> _results = [];
    private readonly List<FaultWorld> _worlds = [];

    /// <summary>The faults, by name.</summary>
    public static IEnumerable<Fault> All => FaultCatalog.All.Where(fault => fault.Outcome.Session is SessionOutcome.Recovered or SessionOutcome.AudioOnly);

    public async Task InitializeAsync()
    {
        foreach (var outcome in new[] { SessionOutcome.Recovered, SessionOutcome.AudioOnly })
        {
            var faults = All.Where(fault => fault.Outcome.Session == outcome).ToList();
            await StartAsync(outcome, faults.Where(fault => fault.Point is not (FaultPoint.Token or FaultPoint.TwoRequests)), isPaced: false, AtOneTime);
            await StartAsync(outcome, faults.Where(fault => fault.Point == FaultPoint.TwoRequests), isPaced: true, AtOneTime);
            await StartAsync(outcome, faults.Where(fault => fault.Point == FaultPoint.Token).Where((_, index) => index % 2 == 0), isPaced: false, atOneTime: 1);
            await StartAsync(outcome, faults.Where(fault => fault.Point == FaultPoint.Token).Where((_, index) => index % 2 == 1), isPaced: false, atOneTime: 1);
        }
    }

    public async Task DisposeAsync()
    {
        await Task.WhenAll(_results.Values).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        foreach (var world in _worlds)
        {
            await world.DisposeAsync();
        }
    }

    internal Task<FaultResult> Of(string name) => _results[name];

    private async Task StartAsync(SessionOutcome outcome, IEnumerable<Fault> faults, bool isPaced, int atOneTime)
    {
        var world = await FaultWorld.StartAsync(outcome, isPaced, atOneTime);
        _worlds.Add(world);
        foreach (var fault in faults)
        {
            _results.Add(fault.Name, Task.Run(() => world.RunAsync(() => RunAsync(world, fault))));
        }
    }

    private static async Task<FaultResult> RunAsync(FaultWorld world, Fault fault)
    {
        for (int left = Attempts; ; left--)
        {
            var result = await new FaultRun(world.World, fault).RunAsync();
            if (left == 1 || result.HasStruck || result.Broken.Length > 0)
            {
                return result;
            }
        }
    }
}
