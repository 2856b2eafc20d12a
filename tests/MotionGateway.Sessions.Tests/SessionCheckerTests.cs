using System.Diagnostics;
using MotionGateway.Sessions.Tests.Checker;
using MotionGateway.Testing;
using Xunit.Abstractions;

namespace MotionGateway.Sessions.Tests;

/// <summary>
/// Random schedules against what is promised. <c>MOTIONGATEWAY_SEED</c> repeats one, <c>MOTIONGATEWAY_SCHEDULES</c> runs more.
/// </summary>
public sealed class SessionCheckerTests(ITestOutputHelper output)
{
    private const int Schedules = 20_000;

    [Fact]
    public void RandomSchedules_EveryPromiseIsKept()
    {
        int count = int.TryParse(Environment.GetEnvironmentVariable("MOTIONGATEWAY_SCHEDULES"), out int given) ? given : Schedules;
        int first = count > Schedules ? Environment.TickCount & 0x3FFF_FFFF : 1;
        if (TestSeed.Given is { } seed)
        {
            (first, count) = (seed, 1);
        }

        var total = new Coverage();
        int failed = -1;
        var watch = Stopwatch.StartNew();
        Parallel.For(
            0, count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, () => new Coverage(),
            (i, loop, coverage) =>
            {
                if (Run(first + i, StepsOf(first + i), trace: null, coverage) is not null)
                {
                    Interlocked.CompareExchange(ref failed, first + i, -1);
                    loop.Stop();
                }

                return coverage;
            },
            coverage =>
            {
                lock (total)
                {
                    total.Add(coverage);
                }
            });

        Assert.True(failed < 0, failed < 0 ? "" : Explain(failed));
        output.WriteLine($"{count} schedules from seed {first} in {watch.Elapsed.TotalSeconds:0.0} s: {total}");
        foreach (string what in count < 1000 ? [] : new[] { "Completed", "AudioOnly", "Interrupted", "Failed", "Recovered", "Refused", "Resumed", "Skip", "Wait" })
        {
            Assert.True(total[what] > count / 200, $"The schedules have become poor in {what}: {total}");
        }
    }

    private static int StepsOf(int seed) => 4 + (int)((uint)seed * 2654435761u >> 28);

    private static Exception? Run(int seed, int steps, List<string>? trace, Coverage? coverage = null)
    {
        try
        {
            var run = new ChaosRun(seed, trace);
            run.Run(steps);
            coverage?.Add(run.Coverage);
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    // The shortest beginning of the schedule that fails.
    private static string Explain(int seed)
    {
        for (int steps = 0; ; steps++)
        {
            List<string> trace = [];
            if (Run(seed, steps, trace) is { } failure || steps > StepsOf(seed))
            {
                return $"MOTIONGATEWAY_SEED={seed} fails after {steps} steps:\n{string.Join('\n', trace)}\n{Run(seed, steps, [])}";
            }
        }
    }
}
