using MotionGateway.Cli.Loading;

namespace MotionGateway.Cli.Tests.Loading;

public sealed class DelayHistogramTests
{
    private readonly DelayHistogram _histogram = new();

    [Fact]
    public void Summarize_Nothing_HasNoDelays() => Assert.Equal(new DelaySummary(0, null, null, null, null), _histogram.Summarize());

    [Fact]
    public void Summarize_OneToAHundred_TellsTheRanks()
    {
        foreach (int ms in Enumerable.Range(1, 100))
        {
            _histogram.Add(TimeSpan.FromMilliseconds(ms));
        }

        Assert.Equal(new DelaySummary(100, 50, 95, 99, 100), _histogram.Summarize());
    }

    [Fact]
    public void Summarize_BeyondItsBounds_CountsAsTheBound()
    {
        _histogram.Add(TimeSpan.FromHours(1));
        _histogram.Add(TimeSpan.FromMilliseconds(-5));

        Assert.Equal(new DelaySummary(2, 0, 60_000, 60_000, 60_000), _histogram.Summarize());
    }
}
