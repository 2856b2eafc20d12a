using MotionGateway.Feeds.Tests.Checker;
using MotionGateway.Testing;
using Xunit.Abstractions;

namespace MotionGateway.Feeds.Tests;

public sealed class LogScheduleTests(ITestOutputHelper output)
{
    [Fact]
    public void Readers_RandomLogsTrimsInterruptsAndStarts_SeeOrAreToldEachSequence()
    {
        int seed = TestSeed.GivenOrChance();
        output.WriteLine($"MOTIONGATEWAY_SEED={seed}");
        var coverage = new LogCoverage();
        for (int run = 0; run < 400; run++)
        {
            var schedule = new LogSchedule(TestSeed.Of(seed, run));
            schedule.Run(steps: 200);
            coverage.Add(schedule.Coverage);
        }

        output.WriteLine(string.Join(' ', coverage.All));
        Assert.All(coverage.All, count => Assert.True(count > 50, $"only {count} met"));
    }
}
