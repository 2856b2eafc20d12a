using MotionGateway.Testing;

namespace MotionGateway.Feeds.Tests;

public sealed class AsyncSignalTests
{
    [Fact]
    public void WaitAsync_SetBefore_CompletesOnce()
    {
        var signal = new AsyncSignal();
        signal.Set();
        signal.Set();

        Assert.True(signal.WaitAsync().AsTask().IsCompletedSuccessfully);
        Assert.False(signal.WaitAsync().AsTask().IsCompleted);
    }

    [Fact]
    public async Task WaitAsync_SetWhileWaiting_Completes()
    {
        var signal = new AsyncSignal();
        var wait = signal.WaitAsync().AsTask();
        Assert.False(wait.IsCompleted);

        signal.Set();

        await wait.DefaultTimeout();
        Assert.False(signal.WaitAsync().AsTask().IsCompleted);
    }

    [Fact]
    public async Task WaitAsync_SecondWaiter_IsRefused()
    {
        var signal = new AsyncSignal();
        var first = signal.WaitAsync().AsTask();

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await signal.WaitAsync());
        signal.Set();
        await first.DefaultTimeout();
    }

    [Fact]
    public async Task Set_FromManyThreads_WakesAfterTheLastOne()
    {
        var signal = new AsyncSignal();
        long written = 0, seen = 0;
        const int writers = 4, each = 20_000;
        var loop = Task.Run(async () =>
        {
            while ((seen = Interlocked.Read(ref written)) < writers * each)
            {
                await signal.WaitAsync();
            }
        });
        var threads = Enumerable.Range(0, writers).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < each; i++)
            {
                Interlocked.Increment(ref written);
                signal.Set();
            }
        }));

        await Task.WhenAll(threads.Append(loop)).DefaultTimeout();
        Assert.Equal(writers * each, seen);
    }
}
