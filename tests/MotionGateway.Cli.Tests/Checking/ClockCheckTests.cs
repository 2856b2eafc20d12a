using Microsoft.Extensions.Time.Testing;
using MotionGateway.Cli.Checking;
using MotionGateway.Cli.Checking.Checks;

namespace MotionGateway.Cli.Tests.Checking;

public sealed class ClockCheckTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 1, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Run_ClockThatAgreesAsFarAsSecondsTell_IsWell(int seconds) =>
        Assert.Equal(CheckOutcome.Ok, (await RunAsync(seconds)).Outcome);

    [Theory]
    [InlineData(10, "ahead of")]
    [InlineData(-10, "behind")]
    public async Task Run_ClockThatIsSomeSecondsOff_Warns(int seconds, string direction)
    {
        var finding = await RunAsync(seconds);

        Assert.Equal(CheckOutcome.Warning, finding.Outcome);
        Assert.Contains(direction, finding.Detail, StringComparison.Ordinal);
        Assert.Contains("NTP", finding.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(-40)]
    public async Task Run_ClockByWhichTokensAreRefused_Fails(int seconds) =>
        await Assert.ThrowsAsync<CheckFailedException>(() => RunAsync(seconds));

    [Fact]
    public async Task Run_SlowAnswer_IsNoDifference() => Assert.Equal(CheckOutcome.Ok, (await RunAsync(0, took: TimeSpan.FromSeconds(9))).Outcome);

    [Fact]
    public async Task Run_AnswerWithoutDate_IsSkipped() => Assert.Equal(CheckOutcome.Skipped, (await RunAsync(null)).Outcome);

    private Task<CheckFinding> RunAsync(int? seconds, TimeSpan took = default)
    {
        DateTimeOffset? date = seconds is { } known ? _time.GetUtcNow().AddSeconds(known) : null;
        return new ClockCheck(Peer.Gateway(new Uri("http://localhost")), "none", Read, _time).RunAsync(CancellationToken.None);

        Task<DateTimeOffset?> Read(CancellationToken cancellationToken)
        {
            _time.Advance(took);
            return Task.FromResult(date);
        }
    }
}
