using Microsoft.Extensions.Time.Testing;
using MotionGateway.Cli.Checking;
using MotionGateway.Testing;

namespace MotionGateway.Cli.Tests.Checking;

public sealed class CheckRunnerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly List<CheckResult> _told = [];

    [Fact]
    public async Task Run_CheckThatBuildsOnASkippedOne_IsSkippedToo()
    {
        var results = await RunAsync(
            new Check("a", [], _ => throw new CheckFailedException("It is broken.", "Mend it.")),
            new Check("b", ["a"], _ => Task.FromResult(CheckFinding.Ok(""))),
            new Check("c", ["b"], _ => Task.FromResult(CheckFinding.Ok(""))),
            new Check("d", [], _ => Task.FromResult(CheckFinding.Skipped("nothing to do"))),
            new Check("e", ["d"], _ => Task.FromResult(CheckFinding.Ok("fine"))));

        Assert.Equal(
            [CheckOutcome.Failed, CheckOutcome.Skipped, CheckOutcome.Skipped, CheckOutcome.Skipped, CheckOutcome.Ok], results.Select(result => result.Outcome));
        Assert.Equal(("It is broken.", "Mend it."), (results[0].Detail, results[0].Remedy));
        Assert.Equal(results, _told);
    }

    [Fact]
    public async Task Run_CheckThatGetsNoAnswer_FailsAfterItsLimitAndTheNextRuns()
    {
        var results = await RunAsync(
            new Check("mute", [], async token =>
            {
                await Task.Delay(Timeout.Infinite, token);
                return CheckFinding.Ok("");
            })
            { Limit = TimeSpan.FromMilliseconds(50) },
            new Check("next", [], _ => Task.FromResult(CheckFinding.Ok("fine"))));

        Assert.Equal([CheckOutcome.Failed, CheckOutcome.Ok], results.Select(result => result.Outcome));
        Assert.Equal("There was no answer within 0.1 s.", results[0].Detail);
    }

    [Fact]
    public async Task Run_TimeThatIsUsedUp_SkipsTheRest()
    {
        var time = new FakeTimeProvider();
        var results = await new CheckRunner(time, _told.Add).RunAsync(
            [
                new Check("slow", [], _ =>
                {
                    time.Advance(Limit);
                    return Task.FromResult(CheckFinding.Ok("at last"));
                }),
                new Check("next", [], _ => Task.FromResult(CheckFinding.Ok("fine"))),
            ], Limit, CancellationToken.None).DefaultTimeout();

        Assert.Equal((CheckOutcome.Ok, Limit), (results[0].Outcome, results[0].Took));
        Assert.Equal((CheckOutcome.Skipped, "the 60 s of --timeout are used up"), (results[1].Outcome, results[1].Detail));
    }

    [Fact]
    public async Task Run_Cancelled_GivesUp()
    {
        using var cancelled = new CancellationTokenSource();
        var check = new Check("a", [], async token =>
        {
            await cancelled.CancelAsync();
            await Task.Delay(Timeout.Infinite, token);
            return CheckFinding.Ok("");
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new CheckRunner(TimeProvider.System, _told.Add).RunAsync([check], Limit, cancelled.Token).DefaultTimeout());
    }

    private Task<IReadOnlyList<CheckResult>> RunAsync(params ICheck[] checks) =>
        new CheckRunner(TimeProvider.System, _told.Add).RunAsync(checks, Limit, CancellationToken.None).DefaultTimeout();

    private sealed record Check(string Name, IReadOnlyList<string> Needs, Func<CancellationToken, Task<CheckFinding>> Run) : ICheck
    {
        public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(30);

        public Task<CheckFinding> RunAsync(CancellationToken cancellationToken) => Run(cancellationToken);
    }
}
