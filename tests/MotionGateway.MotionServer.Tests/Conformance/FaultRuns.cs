using MotionGateway.LocalMotion.Faults;

namespace MotionGateway.MotionServer.Tests.Conformance;

/// <summary>Runs every fault once, a few at a time, so that what waits for a time limit holds nobody up.</summary>
public sealed class FaultRuns : IAsyncLifetime
{
    private const int AtOneTime = 4;
    private const int Attempts = 4;

    private readonly Dictionary<string, TaskCompletionSource<string>> _observed =
        FaultCatalog.All.ToDictionary(fault => fault.Name, _ => new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));

    private FaultyServer _server = null!;
    private Task _running = Task.CompletedTask;

    public async Task InitializeAsync()
    {
        _server = await FaultyServer.StartAsync();
        _running = Parallel.ForEachAsync(FaultCatalog.All, new ParallelOptions { MaxDegreeOfParallelism = AtOneTime }, async (fault, _) =>
        {
            TaskCompletionSource<string> observed = _observed[fault.Name];
            try
            {
                observed.SetResult(await ObserveAsync(fault));
            }
            catch (Exception exception)
            {
                observed.SetException(exception);
            }
        });
    }

    /// <summary>What a client made of a fault.</summary>
    internal Task<string> Observed(Fault fault) => _observed[fault.Name].Task;

    public async Task DisposeAsync()
    {
        await _running;
        await _server.DisposeAsync();
    }

    // A busy machine may need more than 100 ms for a step, or from an error to the close behind it, now and then. Nothing else is
    // tried again.
    private async Task<string> ObserveAsync(Fault fault)
    {
        for (int attempt = 1; ; attempt++)
        {
            string observed = await new FaultRun(_server, fault).ObserveAsync();
            bool wasSlow = (observed.Contains("connectionFailed", StringComparison.Ordinal) && fault.Outcome.Code != "connectionFailed")
                || observed.StartsWith("2 errors", StringComparison.Ordinal);
            if (!wasSlow || attempt == Attempts)
            {
                return observed;
            }
        }
    }
}
