using System.Collections.Concurrent;
using System.Diagnostics;
using MotionGateway.MotionServer.Tests.Conformance;
using MotionGateway.Testing;
using Xunit.Abstractions;

namespace MotionGateway.MotionServer.Tests.Chaos;

/// <summary>Many clients meet random faults and leave nothing behind. <c>MOTIONGATEWAY_SEED</c> repeats a series.</summary>
/// <remarks>Runs alone, since it counts the sockets of the whole process.</remarks>
[CollectionDefinition(nameof(ChaosTests), DisableParallelization = true)]
[Collection(nameof(ChaosTests))]
[Trait("Category", "Chaos")]
public sealed class ChaosTests(ITestOutputHelper output)
{
    private const int Runs = 1000;
    private const int WarmUpRuns = 20;
    private const int AtOneTime = 12;

    [Fact]
    public async Task Client_ThousandRandomFaults_LeavesSocketsTasksTimersAndBuffersAsBefore()
    {
        int seed = TestSeed.GivenOrChance();
        output.WriteLine($"MOTIONGATEWAY_SEED={seed}");
        using PendingTasks tasks = new();

        // From the first on: an end is counted a little after the server knows of it. One of a test before may still be to come.
        using ProcessState state = new();
        await using FaultyServer server = await FaultyServer.StartAsync();
        CountingPool pool = new();
        CountingTimers timers = new();
        LiveObjects objects = new();
        ChaosRun Create(int seed) => new(server, pool, timers, objects, seed);
        await RunAsync(Create, tasks, seed - WarmUpRuns, WarmUpRuns);
        await SettleAsync(server);
        (int sockets, IReadOnlyDictionary<string, int> pending) = (ProcessState.Sockets, tasks.Count());
        Stopwatch watch = Stopwatch.StartNew();

        await RunAsync(Create, tasks, seed, Runs);
        output.WriteLine($"{Runs} runs in {watch.Elapsed.TotalSeconds:0.0} s, {server.Server.Counters.ConnectionsAccepted} connections, {pool.Rented} buffers");

        await SettleAsync(server);
        await AsBeforeAsync(() => ProcessState.Sockets <= sockets, () => $"{ProcessState.Sockets} sockets, {sockets} before", seed);
        await AsBeforeAsync(() => timers.Active == 0, () => $"{timers.Active} of {timers.Created} timers", seed);
        await AsBeforeAsync(() => state.ActiveConnections <= 0, () => $"the SDK counts {state.ActiveConnections} connections", seed);
        await AsBeforeAsync(() => tasks.MoreThan(pending).Length == 0, () => $"tasks: {tasks.MoreThan(pending)}", seed);
        await AsBeforeAsync(() => objects.Held().Length == 0, () => $"held of {objects.Known}: {objects.Held()}", seed);
        Assert.Equal((0, 0, 0), (pool.Outstanding, pool.WrongReturns, state.CountUnobserved()));
        Assert.True(server.Server.Counters.ConnectionsAccepted > Runs / 3 && pool.Rented > Runs && timers.Created > Runs, "The runs have become poor.");
    }

    private static async Task RunAsync(Func<int, ChaosRun> create, PendingTasks tasks, int firstSeed, int count)
    {
        tasks.CountThisFlow();
        ConcurrentQueue<string> failures = new();
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOneTime }, async (i, _) =>
        {
            using ChaosRun run = create(firstSeed + i);
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

    private static async Task AsBeforeAsync(Func<bool> holds, Func<string> tell, int seed)
    {
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
