using Microsoft.Extensions.Time.Testing;
using MotionGateway.Feeds;

namespace MotionGateway.EdgeRelay.Tests;

public sealed class PendingAcknowledgementTests
{
    private const int Window = 4000;

    private readonly FakeTimeProvider _time = new();
    private readonly PendingAcknowledgement _pending;

    public PendingAcknowledgementTests() => _pending = new PendingAcknowledgement(_time);

    [Fact]
    public void Add_LessThanAQuarterOfTheWindow_IsNotDue()
    {
        Assert.False(_pending.Add(At(1), 500, Window));
        Assert.False(_pending.Add(At(2), 499, Window));
        Assert.False(_pending.TryTake(out _));
    }

    [Fact]
    public void Add_AQuarterOfTheWindow_IsDueOnceUpToTheLatest()
    {
        _pending.Add(At(1), 500, Window);
        Assert.True(_pending.Add(At(2), 500, Window));
        Assert.True(_pending.Add(At(3), 1, Window));

        Assert.True(_pending.TryTake(out var position));
        Assert.Equal(At(3), position);
        Assert.False(_pending.TryTake(out _));
        Assert.False(_pending.Add(At(4), 999, Window));
    }

    // A gateway that tells no window is told of each.
    [Fact]
    public void Add_WithoutAWindow_IsDue() => Assert.True(_pending.Add(At(1), 1, windowBytes: 0));

    [Fact]
    public void Look_WhenTheFirstHasWaitedForAWhile_IsDue()
    {
        _pending.Add(At(1), 1, Window);
        _time.Advance(TimeSpan.FromMilliseconds(400));
        _pending.Add(At(2), 1, Window);
        Assert.False(_pending.Look());

        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.True(_pending.Look());
        Assert.True(_pending.TryTake(out var position));
        Assert.Equal(At(2), position);
        Assert.False(_pending.Look());
    }

    [Fact]
    public void AddAtOnce_IsDue()
    {
        _pending.Add(At(1), 1, Window);
        _pending.AddAtOnce(At(2));

        Assert.True(_pending.TryTake(out var position));
        Assert.Equal(At(2), position);
    }

    private static LogPosition At(long sequence) => new(1, sequence);
}
