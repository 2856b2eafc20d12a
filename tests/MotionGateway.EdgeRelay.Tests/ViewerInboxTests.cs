using MotionGateway.Feeds;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>Whom a viewer's acknowledgement wakes: most are of what was sent, and nobody waits for them.</summary>
public sealed class ViewerInboxTests : IAsyncDisposable
{
    private readonly ViewerInbox _inbox;
    private int _told;

    public ViewerInboxTests() => _inbox = new ViewerInbox(() => _told++);

    public ValueTask DisposeAsync() => _inbox.DisposeAsync();

    [Fact]
    public void Acknowledge_OfWhatWasSent_IsKeptUntilTheNextWake()
    {
        _inbox.Await(new LogPosition(1, 5), isAwaited: false);
        _inbox.Acknowledge(new LogPosition(1, 5));

        Assert.Equal(0, _told);
        Assert.Equal(new LogPosition(1, 5), _inbox.Take().Acknowledged);
    }

    [Fact]
    public void Acknowledge_ThatIsWaitedFor_IsTold()
    {
        Assert.False(_inbox.Await(new LogPosition(1, 5), isAwaited: true));
        _inbox.Acknowledge(new LogPosition(1, 3));

        Assert.Equal(1, _told);
    }

    [Fact]
    public void Await_WhatHasComeMeanwhile_SaysSo()
    {
        _inbox.Await(new LogPosition(1, 5), isAwaited: false);
        _inbox.Acknowledge(new LogPosition(1, 3));

        Assert.True(_inbox.Await(new LogPosition(1, 6), isAwaited: true));
    }

    // A wrong one ends the feed, and not only when something else is to be sent.
    [Theory]
    [InlineData(1, 6)]
    [InlineData(2, 1)]
    public void Acknowledge_OfWhatWasNotSent_IsTold(uint epoch, long sequence)
    {
        _inbox.Await(new LogPosition(1, 5), isAwaited: false);
        _inbox.Acknowledge(new LogPosition(epoch, sequence));

        Assert.Equal(1, _told);
    }
}
