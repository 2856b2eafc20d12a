using System.Collections.Concurrent;
using MotionGateway.LocalMotion.Faults;

namespace MotionGateway.MotionServer.Tests.Conformance;

/// <summary>
/// Runs every fault, a few at a time, so that what waits for a time limit holds nobody up. Those with a report and a close that are to be
/// one error are run several times: a client that gets them right by luck is found out.
/// </summary>
public sealed class FaultRuns : IAsyncLifetime
{
    private const int AtOneTime = 8;
    private const int AttemptsAlone = 10;
    private const int RunsOfReports = 4;

    private readonly Dictionary<string, TaskCompletionSource<string>> _observed =
        FaultCatalog.All.ToDictionary(fault => fault.Name, _ => new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));

    private readonly ConcurrentQueue<(Fault Fault, int Done)> _slow = new();
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
        await Parallel.ForEachAsync(FaultCatalog.All, new ParallelOptions { MaxDegreeOfParallelism = AtOneTime }, async (fault, _) => await ObserveAsync(fault));
        foreach (var (fault, done) in _slow)
        {
            // Again, with the machine for itself.
            await ObserveAsync(fault, done, AttemptsAlone);
        }
    }

    /// <summary>Meets a fault as often as it is to be met, or until it is not what it declares, and tells what came of it last.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="done">How often it has been met before.</param>
    /// <param name="attempts">How many times a busy machine is allowed for; 0: the fault is put off at the first.</param>
    private async Task ObserveAsync(Fault fault, int done = 0, int attempts = 0)
    {
        string expected = fault.Outcome.ToString();
        string observed = expected;
        try
        {
            while (observed == expected && done < RunsOf(fault))
            {
                observed = await new FaultRun(_server, fault).ObserveAsync();
                if (!WasSlow(expected, observed) || attempts == 1)
                {
                    done++;
                    continue;
                }

                if (attempts == 0)
                {
                    _slow.Enqueue((fault, done));
                    return;
                }

                attempts--;
                observed = expected;
            }

            _observed[fault.Name].SetResult(observed);
        }
        catch (Exception exception)
        {
            _observed[fault.Name].SetException(exception);
        }
    }

    private static int RunsOf(Fault fault) =>
        fault.Behaviour.Name is "server-error" or "server-text" ? RunsOfReports : 1;

    // Any step, also one before the fault's, can exceed 100 ms by itself, and then it fails as a step. Nothing else is tried again.
    private static bool WasSlow(string expected, string observed) =>
        observed != expected && observed.StartsWith("error connectionFailed", StringComparison.Ordinal);
}
