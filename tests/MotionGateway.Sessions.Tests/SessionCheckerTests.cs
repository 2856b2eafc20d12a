using System.Diagnostics;
using MotionGateway.Sessions.Tests.Checker;
using MotionGateway.Testing;
using Xunit.Abstractions;

namespace MotionGateway.Sessions.Tests;

/// <summary>Random schedules against the model. <c>MOTIONGATEWAY_SEED</c> replays one.</summary>
public sealed class SessionCheckerTests(ITestOutputHelper output)
{
    private const int Schedules = 100_000;

    [Fact]
    public void RandomSchedules_AgreeWithTheModel() => RunAll(firstSeed: 1, Schedules);

    [Fact]
    [Trait("Category", "Long")]
    public void ManyMoreRandomSchedules_AgreeWithTheModel() =>
        RunAll(firstSeed: Environment.TickCount & 0x3FFFFFFF, Schedules * 10);

    private void RunAll(int firstSeed, int count)
    {
        if (TestSeed.Given is { } given)
        {
            (firstSeed, count) = (given, 1);
        }

        var total = new Coverage();
        int failedSeed = -1;
        var watch = Stopwatch.StartNew();
        Parallel.For(
            0, count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, () => new Coverage(),
            (i, loop, coverage) =>
            {
                var checker = new SessionChecker(firstSeed + i, trace: null);
                if (Run(checker, StepsOf(firstSeed + i)) is not null)
                {
                    Interlocked.CompareExchange(ref failedSeed, firstSeed + i, -1);
                    loop.Stop();
                }

                coverage.Add(checker.Coverage);
                return coverage;
            },
            coverage =>
            {
                lock (total)
                {
                    total.Add(coverage);
                }
            });

        Assert.True(failedSeed < 0, failedSeed < 0 ? "" : Explain(failedSeed));
        output.WriteLine($"{count} schedules in {watch.Elapsed.TotalSeconds:0.0} s: {total}");
        if (count > 1000)
        {
            Assert.All(
                [total.Completed, total.AudioOnly, total.Interrupted, total.Failed, total.TrimmedLogs, total.Refusals, total.Discards, total.Skips],
                seen => Assert.True(seen > count / 100, $"The schedules have become poor: {total}"));
        }
    }

    private static int StepsOf(int seed) => 15 + (int)((uint)seed * 2654435761u >> 26);

    private static Exception? Run(SessionChecker checker, int steps)
    {
        try
        {
            checker.Run(steps);
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    // The shortest prefix of the schedule that fails, command by command.
    private static string Explain(int seed)
    {
        for (int steps = 0; ; steps++)
        {
            List<string> trace = [];
            var failure = Run(new SessionChecker(seed, trace), steps);
            if (failure is not null || steps > StepsOf(seed))
            {
                return $"MOTIONGATEWAY_SEED={seed} fails after {steps} steps:\n{string.Join('\n', trace)}\n{failure}";
            }
        }
    }
}
