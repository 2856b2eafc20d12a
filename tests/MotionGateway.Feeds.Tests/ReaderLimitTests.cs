using MotionGateway.V1;

namespace MotionGateway.Feeds.Tests;

public sealed class ReaderLimitTests
{
    private readonly LogFixture _f = new(new SessionLogOptions { MaxReaders = 2 });

    [Fact]
    public void OpenReader_OneTooMany_IsRefusedUntilOneIsDisposed()
    {
        var first = _f.OpenAt(0);
        _f.Open(FeedStart.Live);

        AssertFull();
        first.Dispose();
        first.Dispose();
        _f.OpenAt(0);
        Assert.Equal(2, _f.Log.ReaderCount);
    }

    [Fact]
    public void OpenReader_ThatDoesNotCount_IsNeverRefusedAndTakesNoPlace()
    {
        for (int i = 0; i < 3; i++)
        {
            Open(counts: false);
        }

        _f.OpenAt(0);
        _f.OpenAt(0);
        Open(counts: false);

        AssertFull();
        Assert.Equal(6, _f.Log.ReaderCount);
    }

    [Fact]
    public void OpenReader_ThatReplacesAnother_TakesItsPlaceAndLeavesItRunning()
    {
        var old = _f.OpenAt(0);
        var other = _f.OpenAt(0);
        var next = Open(replaces: old);
        _f.Message();

        Assert.Equal(["1"], LogFixture.ReadAll(old));
        Assert.Equal(["1"], LogFixture.ReadAll(next));
        AssertFull();
        other.Dispose();
        _f.OpenAt(1);
        AssertFull();
        old.Dispose();
        AssertFull();
        next.Dispose();
        _f.OpenAt(1);
    }

    [Fact]
    public void OpenReader_ThatReplacesAnotherAndIsRefused_ChangesNothing()
    {
        var old = _f.OpenAt(0);
        _f.OpenAt(0);
        Assert.Equal(
            ErrorReason.PositionAhead,
            Assert.Throws<GatewayException>(() => Open(position: 5, replaces: old)).Reason);

        AssertFull();
        old.Dispose();
        _f.OpenAt(0);
    }

    [Fact]
    public void OpenReader_ThatReplacesOneThatDoesNotCount_NeedsAPlace()
    {
        var echo = Open(counts: false);
        _f.OpenAt(0);
        _f.OpenAt(0);

        Assert.Equal(ErrorReason.ReaderLimit, Assert.Throws<GatewayException>(() => Open(replaces: echo)).Reason);
    }

    private LogReader Open(long position = 0, bool counts = true, LogReader? replaces = null) =>
        _f.Log.OpenReader(new LogPosition(LogFixture.Epoch, position), int.MaxValue, new AsyncSignal(), default, counts, replaces);

    private void AssertFull()
    {
        Assert.Equal(ErrorReason.ReaderLimit, Assert.Throws<GatewayException>(() => _f.OpenAt(_f.Log.End.Sequence)).Reason);
        Assert.Equal(ErrorReason.ReaderLimit, Assert.Throws<GatewayException>(() => _f.Open(FeedStart.Live)).Reason);
    }
}
