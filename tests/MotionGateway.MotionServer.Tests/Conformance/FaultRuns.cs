using System.Collections.Concurrent;
using MotionGateway.LocalMotion.Faults;

namespace MotionGateway.MotionServer.Tests.Conformance;

/// <summary>Runs every fault once, a few at a time, so that what waits for a time limit holds nobody up.</summary>
public sealed class FaultRuns : IAsyncLifetime
{
    private const int AtOneTime = 4;
    private const int AttemptsAlone = 10;

    private readonly Dictionary<string, TaskCompletionSource<string>> _observed =
        FaultCatalog.All.ToDictionary(fault => fault.Name, _ => new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));

    private readonly ConcurrentQueue<Fault> _slow = new();
    private FaultyServer _server = null!;
    private Task _running = Task.CompletedTask;

    public async Task InitializeAsync()
    {
        _server = await FaultyServer.StartAsync();
        _running = RunAllAsync();
    }

    /// <summary>What a client made of a fault.</summary>
    internal Task<string> Observed(Fault fault) => _observed[fault.Name].Task;

    public async Task DisposeAsync()
    {
        await _running;
        await _server.DisposeAsync();
    }

    private async Task RunAllAsync()
    {
        await Parallel.ForEachAsync(FaultCatalog.All, new ParallelOptions { MaxDegreeOfParallelism = AtOneTime }, async (fault, _) =>
        {
            if (!await TryObserveAsync(fault, isLast: false))
            {
                _slow.Enqueue(fault);
            }
        });
        foreach (Fault fault in _slow)
        {
            for (int attempt = 1; !await TryObserveAsync(fault, isLast: attempt == AttemptsAlone); attempt++)
            {
                // Again, with the machine for itself.
            }
        }
    }

    /// <summary>Meets a fault once. False when the machine seems to have been too busy for 100 ms a step, unless this is the last attempt.</summary>
    private async Task<bool> TryObserveAsync(Fault fault, bool isLast)
    {
        try
        {
            string observed = await new FaultRun(_server, fault).ObserveAsync();
            if (!isLast && WasSlow(fault, observed))
            {
                return false;
            }

            _observed[fault.Name].SetResult(observed);
        }
        catch (Exception exception)
        {
            _observed[fault.Name].SetException(exception);
        }

        return true;
    }

    // Any step, also one before the fault's, and the time from an error to the close behind it, can exceed 100 ms by itself.
    // Nothing else is tried again.
    private static bool WasSlow(Fault fault, string observed) =>
        observed != fault.Outcome.ToString()
        && (observed.Contains("connectionFailed", StringComparison.Ordinal) || observed.StartsWith("2 errors", StringComparison.Ordinal));
}
