using System.Collections.Concurrent;
using System.Diagnostics;
using MotionGateway.MotionServer.Tests.Conformance;
using MotionGateway.Testing;
using Xunit.Abstractions;

namespace MotionGateway.MotionServer.Tests.Chaos;

/// <summary>Many clients meet random faults and leave nothing behind. <c>MOTIONGATEWAY_SEED</c> repeats a series.</summary>
/// <remarks>Runs alone, since it counts what the whole process holds.</remarks>
[CollectionDefinition(nameof(ChaosTests), DisableParallelization = true)]
[Collection(nameof(ChaosTests))]
[Trait("Category", "Chaos")]
public sealed class ChaosTests(ITestOutputHelper output)
{
    private const int Runs = 1000;
    private const int WarmUpRuns = 20;
    private const int AtOneTime = 12;

    // Those of the polling itself.
    private const int PollingTimers = 2;

    [Fact]
    public async Task Client_ThousandRandomFaults_LeavesSocketsTasksTimersAndBuffersAsBefore()
    {
        int seed = TestSeed.GivenOrChance();
        output.WriteLine($"MOTIONGATEWAY_SEED={seed}");
        using PendingTasks tasks = new();
        await using FaultyServer server = await FaultyServer.StartAsync();
        CountingPool pool = new();
        LiveObjects objects = new();
        await RunAsync(server, pool, objects, seed - WarmUpRuns, WarmUpRuns);
        await SettleAsync(server);
        using ProcessState state = new();
        (int sockets, long timers, IReadOnlyDictionary<string, int> pending) = (ProcessState.Sockets, Timer.ActiveCount, tasks.Count());
        Stopwatch watch = Stopwatch.StartNew();

        await RunAsync(server, pool, objects, seed, Runs);
        output.WriteLine($"{Runs} runs in {watch.Elapsed.TotalSeconds:0.0} s, {server.Server.Counters.ConnectionsAccepted} connections, {pool.Rented} buffers");

        await SettleAsync(server);
        await AsBeforeAsync(tasks, () => ProcessState.Sockets <= sockets, () => $"{ProcessState.Sockets} sockets, {sockets} before", seed);
        await AsBeforeAsync(tasks, () => Timer.ActiveCount - PollingTimers <= timers, () => $"{Timer.ActiveCount} timers, {timers} before", seed);
        await AsBeforeAsync(tasks, () => state.ActiveConnections == 0, () => $"the SDK counts {state.ActiveConnections} connections", seed);
        await AsBeforeAsync(tasks, () => tasks.MoreThan(pending).Length == 0, () => $"tasks: {tasks.MoreThan(pending)}", seed);
        await AsBeforeAsync(tasks, () => objects.Held().Length == 0, () => $"held of {objects.Known}: {objects.Held()}", seed);
        Assert.Equal((0, 0, 0), (pool.Outstanding, pool.WrongReturns, state.CountUnobserved()));
        Assert.True(server.Server.Counters.ConnectionsAccepted > Runs / 3 && pool.Rented > Runs, "The runs have become poor.");
    }

    private static async Task RunAsync(FaultyServer server, CountingPool pool, LiveObjects objects, int firstSeed, int count)
    {
        ConcurrentQueue<string> failures = new();
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOneTime }, async (i, _) =>
        {
            using ChaosRun run = new(server, pool, objects, firstSeed + i);
            try
            {
                await run.LiveAsync();
            }
            catch (Exception exception)
            {
                failures.Enqueue($"MOTIONGATEWAY_SEED={firstSeed + i}: {exception}");
            }
        });
        Assert.Empty(failures);
    }

    // The server learns of a client's end a little later than the client.
    private static Task SettleAsync(FaultyServer server) => Eventually.TrueAsync(() => server.Server.Counters.ConnectionsOpen == 0);

    private static async Task AsBeforeAsync(PendingTasks tasks, Func<bool> holds, Func<string> tell, int seed)
    {
        tasks.IgnoreThisFlow();
        try
        {
            await Eventually.TrueAsync(holds);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"MOTIONGATEWAY_SEED={seed}: {tell()}.");
        }
    }
}
