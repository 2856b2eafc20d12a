using MotionGateway.LocalMotion.Faults;
using MotionGateway.V1;
using Xunit.Abstractions;

namespace MotionGateway.Chaos.Tests.Recovery;

/// <summary>Each fault of the local Motion Server that a session recovers from, or goes on without motion after, over sockets.</summary>
[Trait("Category", "Chaos")]
public sealed class FaultTests(FaultRuns runs, ITestOutputHelper output) : IClassFixture<FaultRuns>
{
    // What a machine that does much else may add: the sum's terms are far below it or far above.
    private static readonly TimeSpan SchedulingAllowance = TimeSpan.FromSeconds(8);

    public static TheoryData<string> Recovered => [.. FaultRuns.All.Where(fault => fault.Outcome.Session == SessionOutcome.Recovered).Select(fault => fault.Name)];

    public static TheoryData<string> AudioOnly => [.. FaultRuns.All.Where(fault => fault.Outcome.Session == SessionOutcome.AudioOnly).Select(fault => fault.Name)];

    [Theory]
    [MemberData(nameof(Recovered))]
    public async Task Session_FaultInATurn_IsRecoveredWholeWithinItsTime(string name)
    {
        var result = await runs.Of(name);

        output.WriteLine($"{result.Pause.TotalMilliseconds:0} ms, {result.Reports.Sum(report => report.Recoveries)} recoveries; told {string.Join(", ", result.Failures)}");
        Assert.Equal("", result.Broken);
        Assert.Equal(0, result.Unused);
        Assert.All(result.Ends, end => Assert.Equal((TurnOutcome.Completed, ErrorReason.Unspecified), (end.Outcome, end.Error)));
        Assert.Equal(result.Ends.Count, result.Reports.Count);

        // Where only the end mark is missing all motion is there; and so it may be of what was said when a fault strikes: it is told then.
        bool isAllThere = name == "fault-no-end" || result.Failures.Any();
        Assert.True(isAllThere || result.Reports.Sum(report => report.Recoveries) > 0, "Nothing was asked for again.");
        Assert.InRange(result.Pause, TimeSpan.Zero, Sum(FaultCatalog.Find(name)!) + SchedulingAllowance);
    }

    [Theory]
    [MemberData(nameof(AudioOnly))]
    public async Task Session_FaultThatNothingHelps_IsHeardToItsEndWithAReason(string name)
    {
        var result = await runs.Of(name);

        output.WriteLine($"{result.Pause.TotalMilliseconds:0} ms, {string.Join(' ', result.Ends.Select(end => end.Error))}; told {string.Join(", ", result.Failures)}");
        Assert.Equal("", result.Broken);
        Assert.Equal(0, result.Unused);
        Assert.NotEmpty(result.Ends);
        Assert.All(result.Ends, end => Assert.Equal(TurnOutcome.AudioOnly, end.Outcome));
        Assert.All(result.Ends, end => Assert.NotEqual(ErrorReason.Unspecified, end.Error));
        Assert.InRange(result.Pause, TimeSpan.Zero, FaultWorld.ShortMotionWait + SchedulingAllowance);
    }

    // Detection, pauses between attempts, and motion for what is said again. Within this process a handshake takes what scheduling does.
    private static TimeSpan Sum(Fault fault)
    {
        var detection = fault.Outcome.Kind == FaultOutcomeKind.AudioOnly ? FaultWorld.MotionTimeout : TimeSpan.Zero;
        int failures = fault.Point <= FaultPoint.Any ? 2 : 1;
        var policy = FaultWorld.Reconnect;
        var backoff = TimeSpan.Zero;
        for (int i = 0; i < failures; i++)
        {
            backoff += policy.FirstDelay * Math.Pow(policy.Multiplier, i);
        }

        return detection + backoff + (fault.Outcome.RetryAfter ?? TimeSpan.Zero);
    }
}
