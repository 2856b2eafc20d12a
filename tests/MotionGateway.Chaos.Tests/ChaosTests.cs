using System.Globalization;
using MotionGateway.Chaos.Tests.Checking;
using MotionGateway.Chaos.Tests.Speaking;
using MotionGateway.Chaos.Tests.World;
using MotionGateway.Testing;
using Xunit.Abstractions;

namespace MotionGateway.Chaos.Tests;

/// <summary>
/// Sessions by chance over sockets that break: an independent checker holds what their readers and speakers saw against the protocol's
/// promises. <c>MOTIONGATEWAY_SEED</c> repeats the choices of a run; <c>MOTIONGATEWAY_CHAOS_MINUTES</c> makes it as long as you like.
/// </summary>
[Collection(nameof(ChaosTests))]
[CollectionDefinition(nameof(ChaosTests), DisableParallelization = true)]
[Trait("Category", "Chaos")]
public sealed class ChaosTests(ITestOutputHelper output)
{
    private const int AtOneTime = 12;

    // Who tries something by hand waits a minute; CI has three.
    private static readonly TimeSpan Usual = TimeSpan.FromMinutes(Environment.GetEnvironmentVariable("CI") == "true" ? 3 : 1);
    private static readonly TimeSpan LongestTurn = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Sessions_InBadWeather_KeepEveryPromiseAndLeaveNothingBehind()
    {
        int seed = TestSeed.GivenOrChance();
        Tell($"MOTIONGATEWAY_SEED={seed}");
        var promises = new Promises();
        var statistics = new Statistics();
        var length = Environment.GetEnvironmentVariable("MOTIONGATEWAY_CHAOS_MINUTES") is { Length: > 0 } minutes
            ? TimeSpan.FromMinutes(double.Parse(minutes, CultureInfo.InvariantCulture))
            : Usual;
        await using (var world = await ChaosWorld.StartAsync(hasRelay: true))
        {
            using var state = new ProcessState();
            var weather = new Weather(world, seed);
            using var clearing = new CancellationTokenSource();
            var raging = weather.RunAsync(clearing.Token);
            await LiveAsync(world, promises, statistics, state, seed, length);
            await clearing.CancelAsync();
            await raging;
            Tell($"{statistics}");
            Assert.True(promises.AreKept, $"MOTIONGATEWAY_SEED={seed}:{Environment.NewLine}{promises}");
            Tell(string.Join(", ", weather.Counts.Select(count => $"{count.Value} {count.Key}")));
            await state.AssertNothingIsHeldAsync(world, seed);
        }

        Assert.True(
            statistics["turns Completed"] > 10 && statistics["turns recovered whole"] > 0 && statistics["turns Interrupted"] > 0
                && statistics["resumes of speakers"] > 0,
            $"The run has become poor: {statistics}");
    }

    private async Task LiveAsync(
        ChaosWorld world, Promises promises, Statistics statistics, ProcessState state, int seed, TimeSpan length)
    {
        using var enough = new CancellationTokenSource(length);
        int number = 0;
        async Task LiveOnAsync()
        {
            while (!enough.IsCancellationRequested && promises.AreKept)
            {
                int mine = Interlocked.Increment(ref number);
                var random = TestSeed.Of(seed, mine);
                bool isNamed = random.Next(5) > 0;
                var script = new ScriptMaker(random, LongestTurn).Create($"avatar-{mine}", isNamed);
                var run = new SessionRun(world, promises, statistics, script, random.Next()) { IsDisturbed = random.Next(3) > 0, IsSpeakerInTheOpen = isNamed };
                try
                {
                    await run.RunAsync();
                }
                catch (Exception exception)
                {
                    promises.Break($"{script}", $"{exception}");
                }
            }
        }

        var living = Task.WhenAll(Enumerable.Range(0, AtOneTime).Select(_ => LiveOnAsync()));
        while (await Task.WhenAny(living, Task.Delay(TimeSpan.FromMinutes(1))) != living)
        {
            Tell($"{DateTime.Now:T} {number} sessions, {state}");
        }

        await living;
    }

    // A run of an hour is followed while it goes on.
    private void Tell(string line)
    {
        output.WriteLine(line);
        Console.WriteLine(line);
    }
}
