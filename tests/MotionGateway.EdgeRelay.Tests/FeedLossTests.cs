using Microsoft.Extensions.Time.Testing;

namespace MotionGateway.EdgeRelay.Tests;

public sealed class FeedLossTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly FeedLoss _loss;
    private readonly List<bool> _told = [];

    public FeedLossTests() => _loss = new FeedLoss(Limit, _time, () => _told.Add(_loss!.IsAway));

    public void Dispose() => _loss.Dispose();

    [Fact]
    public void Lose_BackWithinAMoment_IsNotTold()
    {
        _loss.Lose();
        _time.Advance(Moment - Instant);
        _loss.Open();
        _time.Advance(Limit);

        Assert.Empty(_told);
    }

    [Fact]
    public void Lose_LongerThanAMoment_IsToldOnceAndSoIsTheReturn()
    {
        _loss.Lose();
        _time.Advance(Moment - Instant);
        Assert.Empty(_told);
        _time.Advance(Instant);
        Assert.Equal([true], _told);
        Assert.Equal(Limit - Moment, _loss.TimeLeft);
        _time.Advance(Moment * 10);

        _loss.Open();
        _time.Advance(Moment - Instant);
        Assert.Equal([true], _told);
        _time.Advance(Instant);
        Assert.Equal([true, false], _told);
    }

    [Fact]
    public void Prove_WhileAway_IsTheReturn()
    {
        _loss.Lose();
        _time.Advance(Limit / 2);
        _loss.Open();
        _loss.Prove();

        Assert.Equal([true, false], _told);
        Assert.Equal(Limit, _loss.TimeLeft);
    }

    [Fact]
    public void Open_BrokenEachTimeBeforeAnythingCame_IsOneLossAndHasOneLimit()
    {
        _loss.Lose();
        for (var elapsed = TimeSpan.Zero; elapsed < Limit; elapsed += Moment)
        {
            Assert.True(_loss.TimeLeft > TimeSpan.Zero);
            _time.Advance(Instant);
            _loss.Open();
            _time.Advance(Moment - Instant);
            Assert.False(_loss.Lose());
        }

        Assert.Equal([true], _told);
        Assert.Equal(TimeSpan.Zero, _loss.TimeLeft);
    }

    [Fact]
    public void Lose_AfterAFeedThatWasSilentAndHeldOn_IsAnotherLoss()
    {
        _loss.Lose();
        _loss.Open();
        _time.Advance(Limit);

        Assert.True(_loss.Lose());
        Assert.Equal(Limit, _loss.TimeLeft);
        _time.Advance(Moment - Instant);
        Assert.Empty(_told);
        _time.Advance(Instant);
        Assert.Equal([true], _told);
    }

    // A path that is cut every few seconds in a silent session: viewers have nothing from being told.
    [Fact]
    public void Lose_AfterAFeedThatStayedForMoreThanAMoment_IsNotToldBeforeAMomentHasPassedAgain()
    {
        for (int i = 0; i < 5; i++)
        {
            _loss.Lose();
            _time.Advance(Moment - Instant);
            _loss.Open();
            _time.Advance(Moment);
        }

        Assert.Empty(_told);
    }
}
