using MotionGateway.Testing;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>How a worker serves a crowd of viewers of one session.</summary>
public sealed class FeedShareTests : IAsyncDisposable
{
    private const int Crowd = 500;

    private readonly FanOutWorker _worker = new(TimeProvider.System);
    private readonly FeedShare _share;
    private readonly List<Follower> _followers = [];

    // What was served, in order. Touched by the worker alone until the last that is waited for.
    private readonly List<FanOutItem> _served = [];

    public FeedShareTests()
    {
        _share = new FeedShare(_worker);
        for (int i = 0; i < Crowd; i++)
        {
            var follower = new Follower(_worker, _served);
            _followers.Add(follower);
            _share.Add(follower);
        }
    }

    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    [Fact]
    public async Task Told_ServesEachOnce()
    {
        _share.Set();
        await ServeAllAsync();

        Assert.Equal(Crowd, _served.Count);
        Assert.Equal(Crowd, _served.Distinct().Count());
    }

    [Fact]
    public async Task Told_LetsOthersHaveTheirTurnInBetween()
    {
        var other = new Follower(_worker, _served);
        _share.Set();
        _worker.Enqueue(other);
        await ServeAllAsync();

        Assert.InRange(_served.IndexOf(other), 1, Crowd / 10);
    }

    // The first would be served again and again, and the last never.
    [Fact]
    public async Task ToldAgainAndAgain_ServesTheLastAsWell()
    {
        int times = 100;
        var appending = new Follower(_worker, _served);
        appending.OnServed = () =>
        {
            if (times-- > 0)
            {
                _share.Set();
                appending.Enqueue();
            }
        };
        _share.Set();
        _worker.Enqueue(appending);
        await ServeAllAsync();

        Assert.InRange(_served.TakeWhile(item => item != _followers[0]).Count(), 0, 2 * Crowd);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Crowd / 2)]
    [InlineData(Crowd - 1)]
    public async Task ToldOnceMoreMeanwhile_ServesEachAfterwards(int place)
    {
        int told = 0;
        _followers[place].OnServed = () =>
        {
            if (told == 0)
            {
                told = _served.Count;
                _share.Set();
            }
        };
        _share.Set();
        await ServeAllAsync();

        Assert.True(told > 0);
        Assert.Equal(Crowd, _served.Skip(told).Distinct().Count());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(Crowd - 1)]
    public async Task Told_WhileSomeLeaveAsTheyAreServed_ServesTheOthers(int every)
    {
        foreach (var follower in _followers.Where((_, i) => i % every == 0))
        {
            follower.OnServed = () => _share.Remove(follower);
        }

        _share.Set();
        await ServeAllAsync();

        Assert.Equal(Crowd, _served.Count);
        Assert.Equal(Crowd, _served.Distinct().Count());
    }

    // A viewer is served by itself as well: when it acknowledges, or is due.
    [Theory]
    [InlineData(0, Crowd / 10)]
    [InlineData(Crowd / 2, Crowd / 10)]
    [InlineData(0, Crowd)]
    public async Task Told_WhileOthersLeaveInBetween_ServesThoseWhoStay(int from, int count)
    {
        var leaving = _followers.GetRange(from, Math.Min(count, Crowd - from));
        var between = new Follower(_worker, _served) { OnServed = () => leaving.ForEach(_share.Remove) };
        _share.Set();
        _worker.Enqueue(between);
        await ServeAllAsync();

        Assert.Empty(_followers.Except(leaving).Except(_served));
    }

    private async Task ServeAllAsync()
    {
        _worker.ServeSoon();
        var idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var last = new Last(_worker, _served, idle);
        last.Post();
        await idle.Task.DefaultTimeout();
    }

    private sealed class Follower(FanOutWorker worker, List<FanOutItem> served) : FeedFollower(worker)
    {
        public Action? OnServed { get; set; }

        public override int Serve(int most)
        {
            served.Add(this);
            OnServed?.Invoke();
            return 1;
        }
    }

    /// <summary>Comes when nothing has been served since its turn before.</summary>
    private sealed class Last(FanOutWorker worker, List<FanOutItem> served, TaskCompletionSource idle) : FanOutItem(worker)
    {
        private int _before = -1;

        public override int Serve(int most)
        {
            if (_before == served.Count)
            {
                idle.TrySetResult();
            }
            else
            {
                _before = served.Count;
                Enqueue();
            }

            return 0;
        }
    }
}
