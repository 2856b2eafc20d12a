using Microsoft.Extensions.Time.Testing;

namespace MotionGateway.Feeds.Tests;

public sealed class LazyTimerTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly LazyTimer _timer;
    private readonly List<double> _fired = [];

    public LazyTimerTests()
    {
        long start = _time.GetTimestamp();
        _timer = new LazyTimer(_time, () => _fired.Add(_time.GetElapsedTime(start).TotalMilliseconds));
    }

    public void Dispose() => _timer.Dispose();

    [Fact]
    public void Set_Once_FiresOnce()
    {
        Set(100);
        Pass(99);
        Assert.Empty(_fired);
        Pass(1000);

        Assert.Equal([100], _fired);
    }

    [Fact]
    public void Set_SomethingIsDueEarlier_FiresThen()
    {
        Set(100);
        Pass(20);
        Set(30);
        Pass(1000);

        Assert.Equal([50], _fired);
    }

    [Fact]
    public void Set_SomethingIsDueLater_FiresAsItWasSetAndNotAgain()
    {
        Set(100);
        Pass(90);
        Set(100);
        Pass(1000);

        Assert.Equal([100], _fired);
    }

    [Fact]
    public void Set_AfterItHasFired_FiresAgain()
    {
        Set(10);
        Pass(10);
        Set(10);
        Pass(10);

        Assert.Equal([10, 20], _fired);
    }

    [Fact]
    public void Set_PartOfAMillisecond_IsNeverEarly()
    {
        _timer.Set(TimeSpan.FromMilliseconds(0.4));
        Pass(0.9);
        Assert.Empty(_fired);
        Pass(0.1);

        Assert.Equal([1], _fired);
    }

    [Theory]
    [InlineData(499, 499)]
    [InlineData(500, 500)]
    [InlineData(700, 500)]
    [InlineData(15_010, 15_000)]
    public void Set_DueLongFromNow_FiresAtTheMomentBefore(double due, double fires)
    {
        Set(due);
        Pass(due);

        Assert.Equal([fires], _fired);
    }

    [Fact]
    public void Set_TimersDueAtTimesOfTheirOwn_FireTogether()
    {
        var fired = new List<DateTimeOffset>();
        LazyTimer[] timers = [.. Enumerable.Range(0, 100).Select(_ => new LazyTimer(_time, () => fired.Add(_time.GetUtcNow())))];
        foreach (var timer in timers)
        {
            timer.Set(TimeSpan.FromMilliseconds(1000));
            Pass(2.2);
        }

        Pass(1000);
        Array.ForEach(timers, timer => timer.Dispose());

        Assert.Equal(100, fired.Count);
        // A timer counts whole milliseconds, so that two of them may share a moment.
        Assert.InRange(fired.Distinct().Count(), 1, 4);
    }

    [Fact]
    public void Dispose_ItWasSet_DoesNotFire()
    {
        Set(10);
        _timer.Dispose();
        Pass(1000);

        Assert.Empty(_fired);
    }

    private void Set(double milliseconds) => _timer.Set(TimeSpan.FromMilliseconds(milliseconds));

    private void Pass(double milliseconds)
    {
        for (double left = milliseconds; left > 0; left--)
        {
            _time.Advance(TimeSpan.FromMilliseconds(Math.Min(left, 1)));
        }
    }
}
