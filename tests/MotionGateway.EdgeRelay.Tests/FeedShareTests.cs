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
        var last = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _followers[0].OnServed = last.SetResult;
        _share.Set();
        _worker.ServeSoon();
        await last.Task.DefaultTimeout();

        Assert.Equal(Crowd, _served.Count);
        Assert.Equal(Crowd, _served.Distinct().Count());
    }

    [Fact]
    public async Task Told_LetsOthersHaveTheirTurnInBetween()
    {
        var other = new Follower(_worker, _served);
        _followers[^1].OnServed = other.Post;
        _share.Set();
        await ServeAllAsync();

        Assert.InRange(_served.IndexOf(other), 1, Crowd / 10);
    }

    // One that sends rubbish on many connections posts as fast as it is served.
    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(63)]
    [InlineData(Crowd)]
    public async Task Told_WhileOthersPostAllTheTime_HoldsUpNobodyForLong(int others)
    {
        var last = _followers[0];
        bool isOver = false;
        last.OnServed = () => isOver = true;
        for (int i = 0; i < others; i++)
        {
            var other = new Follower(_worker, _served);
            other.OnServed = () =>
            {
                if (!isOver)
                {
                    other.Post();
                }
            };
            _worker.Enqueue(other);
        }

        _share.Set();
        await ServeAllAsync();

        Assert.InRange(_served.IndexOf(last), Crowd - 1, others + (5 * Crowd / 2));
    }

    // The first would be served again and again, and the last never.
    [Fact]
    public async Task ToldAgainAndAgain_ServesTheLastAsWell()
    {
        int times = 100;
        _followers[^1].OnServed = () =>
        {
            if (times-- > 0)
            {
                _share.Set();
            }
        };
        _share.Set();
        await ServeAllAsync();

        Assert.Equal(Crowd - 1, _served.IndexOf(_followers[0]));
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

        public override void Serve()
        {
            served.Add(this);
            OnServed?.Invoke();
        }
    }

    /// <summary>Tells when nothing has been served for many of its turns.</summary>
    private sealed class Last(FanOutWorker worker, List<FanOutItem> served, TaskCompletionSource idle) : FanOutItem(worker)
    {
        private const int Many = 1000;

        private int _before;
        private int _turns;

        public override void Serve()
        {
            _turns = served.Count == _before ? _turns + 1 : 0;
            _before = served.Count;
            if (_turns == Many)
            {
                idle.TrySetResult();
            }
            else
            {
                Post();
            }
        }
    }
}
