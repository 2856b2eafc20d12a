namespace MotionGateway.EdgeRelay.Tests;

public sealed class DeadlineWheelTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private readonly DeadlineWheel<string> _wheel = new(Tick);

    [Fact]
    public void Advance_ToADeadline_TakesWhatIsDueAndNothingElse()
    {
        _wheel.ScheduleBy(new("near"), TimeSpan.FromMilliseconds(30));
        _wheel.ScheduleBy(new("same slot, a round later"), TimeSpan.FromMilliseconds(40 + (1024 * 20)));
        _wheel.ScheduleBy(new("far"), TimeSpan.FromHours(1));
        _wheel.ScheduleBy(new("never"), TimeSpan.MaxValue);

        Assert.Equal(TimeSpan.FromMilliseconds(40), _wheel.Next);
        Assert.Empty(Take(TimeSpan.FromMilliseconds(39)));
        Assert.Equal(["near"], Take(TimeSpan.FromMilliseconds(40)));
        Assert.Empty(Take(TimeSpan.FromSeconds(20)));
        Assert.Equal(["same slot, a round later"], Take(TimeSpan.FromSeconds(21)));
        Assert.Equal(["far"], Take(TimeSpan.FromHours(2)));
        Assert.Null(_wheel.Next);
    }

    [Fact]
    public void ScheduleBy_AgainForOneThatIsScheduled_KeepsTheSooner()
    {
        DeadlineWheel<string>.Entry entry = new("one");
        _wheel.ScheduleBy(entry, TimeSpan.FromSeconds(5));
        _wheel.ScheduleBy(entry, TimeSpan.FromSeconds(1));
        _wheel.ScheduleBy(entry, TimeSpan.FromSeconds(9));

        Assert.Equal(["one"], Take(TimeSpan.FromSeconds(1)));
        Assert.Empty(Take(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void Deadlines_SetMovedAndRemovedAtRandom_AreMetWithinATickAndNeverEarly()
    {
        var random = new Random(1);
        var due = new Dictionary<string, TimeSpan>();
        var entries = Enumerable.Range(0, 200).Select(i => new DeadlineWheel<string>.Entry($"{i}")).ToArray();
        var now = TimeSpan.Zero;
        for (int step = 0; step < 5000; step++)
        {
            var entry = entries[random.Next(entries.Length)];
            if (random.Next(4) == 0)
            {
                _wheel.Remove(entry);
                due.Remove(entry.Owner);
            }
            else
            {
                var time = now + TimeSpan.FromMilliseconds(random.Next(60_000));
                _wheel.ScheduleBy(entry, time);
                due[entry.Owner] = due.TryGetValue(entry.Owner, out var before) && before < time ? before : time;
            }

            now += TimeSpan.FromMilliseconds(random.Next(100));
            Assert.All(Take(now), taken => Assert.True(due.Remove(taken, out var time) && time <= now));
            Assert.All(due.Values, time => Assert.True(time > now - Tick));
            Assert.True(due.Count == 0 || _wheel.Next <= due.Values.Max() + Tick);
        }
    }

    private List<string> Take(TimeSpan now)
    {
        List<string> due = [];
        _wheel.Advance(now, due);
        return due;
    }
}
