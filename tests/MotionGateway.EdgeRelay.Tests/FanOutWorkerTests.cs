using MotionGateway.Testing;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>Who serves what a worker is told to.</summary>
public sealed class FanOutWorkerTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly FanOutWorker _worker = new(TimeProvider.System);

    // Its first serving is the pool's.
    public async Task InitializeAsync()
    {
        var first = new Item(_worker);
        first.Post();
        await first.Served.DefaultTimeout();
        await Eventually.TrueAsync(() =>
        {
            var probe = new Item(_worker);
            _worker.Enqueue(probe);
            _worker.ServeHere();
            return probe.Served.IsCompleted;
        });
    }

    public Task DisposeAsync() => _worker.DisposeAsync().AsTask();

    ValueTask IAsyncDisposable.DisposeAsync() => _worker.DisposeAsync();

    [Fact]
    public void ServeHere_WhileNobodyServes_HasServedWhenItReturns()
    {
        var item = new Item(_worker);
        _worker.Enqueue(item);
        _worker.ServeHere();

        Assert.Equal(1, item.Count);
    }

    [Fact]
    public async Task ServeHere_WhileAnotherServes_LeavesItToThatOne()
    {
        using var gate = new ManualResetEventSlim();
        var held = new Item(_worker, gate.Wait);
        held.Post();
        await held.Served.DefaultTimeout();
        var item = new Item(_worker);
        _worker.Enqueue(item);
        _worker.ServeHere();

        Assert.Equal(0, item.Count);
        gate.Set();
        await item.Served.DefaultTimeout();
    }

    // What is logged of viewers is not to bear the ids of whoever happens to serve.
    [Fact]
    public void ServeHere_OfACall_RunsInNoCallsContext()
    {
        var local = new AsyncLocal<string?> { Value = "of the call" };
        string? seen = "nothing";
        _worker.Enqueue(new Item(_worker, () => seen = local.Value));
        _worker.ServeHere();

        Assert.Null(seen);
        Assert.Equal("of the call", local.Value);
    }

    [Fact]
    public async Task Post_FromManyThreads_EachIsServed()
    {
        Item[] items = [.. Enumerable.Range(0, 64).Select(_ => new Item(_worker))];
        for (int round = 1; round <= 200; round++)
        {
            int served = round;
            Parallel.For(0, items.Length, i =>
            {
                if (i % 2 == 0)
                {
                    items[i].Post();
                }
                else
                {
                    _worker.Enqueue(items[i]);
                    _worker.ServeHere();
                }
            });
            await Eventually.TrueAsync(() => items.All(item => item.Count == served));
        }
    }

    private sealed class Item(FanOutWorker worker, Action? serve = null) : FanOutItem(worker)
    {
        private readonly TaskCompletionSource _served = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _count;

        public Task Served => _served.Task;

        public int Count => Volatile.Read(ref _count);

        public override void Serve()
        {
            Interlocked.Increment(ref _count);
            _served.TrySetResult();
            serve?.Invoke();
        }
    }
}
