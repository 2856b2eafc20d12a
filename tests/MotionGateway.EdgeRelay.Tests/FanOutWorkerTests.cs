using MotionGateway.Testing;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>When a worker serves what it is told to.</summary>
public sealed class FanOutWorkerTests
{
    [Fact]
    public async Task Post_ToAWorkerThatHasJustServed_WaitsForWhatBelongsTogether()
    {
        await using var worker = new FanOutWorker(TimeProvider.System, pause: TimeSpan.FromHours(1));
        var first = new Item(worker);
        var second = new Item(worker);
        first.Post();
        await first.Served.DefaultTimeout();

        second.Post();
        first.Post();
        Assert.False(second.Served.IsCompleted);
        worker.Hurry();
        await second.Served.DefaultTimeout();

        await Eventually.EqualAsync(2, () => first.Count);
    }

    [Fact]
    public async Task Post_MoreThanOnceBeforeItIsServed_IsServedOnce()
    {
        await using var worker = new FanOutWorker(TimeProvider.System, pause: TimeSpan.FromHours(1));
        var first = new Item(worker);
        var last = new Item(worker);
        first.Post();
        await first.Served.DefaultTimeout();

        first.Post();
        first.Post();
        last.Post();
        worker.Hurry();
        await last.Served.DefaultTimeout();

        Assert.Equal(2, first.Count);
    }

    private sealed class Item(FanOutWorker worker) : FanOutItem(worker)
    {
        private readonly TaskCompletionSource _served = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _count;

        public Task Served => _served.Task;

        public int Count => Volatile.Read(ref _count);

        public override void Serve()
        {
            Interlocked.Increment(ref _count);
            _served.TrySetResult();
        }
    }
}
