using MotionGateway.Testing;

namespace MotionGateway.Feeds.Tests;

public sealed class WakeScopeTests
{
    [Fact]
    public void Dispose_OfAScope_LetsGoOnHereWhatWasWokenInIt()
    {
        int wentOn = 0;
        var signal = new AsyncSignal();
        _ = ThenAsync(signal, () => wentOn = Environment.CurrentManagedThreadId);
        using (WakeScope.Open())
        {
            signal.Set();
            Assert.Equal(0, wentOn);
        }

        Assert.Equal(Environment.CurrentManagedThreadId, wentOn);
    }

    [Fact]
    public void Dispose_OfAScopeWithinAnother_LeavesItToThatOne()
    {
        var signal = new AsyncSignal();
        var goesOn = ThenAsync(signal, static () => { });
        using (WakeScope.Open())
        {
            using (WakeScope.Open())
            {
                signal.Set();
            }

            Assert.False(goesOn.IsCompleted);
        }

        Assert.True(goesOn.IsCompletedSuccessfully);
    }

    [Fact]
    public void Dispose_WhatGoesOnWakesAnother_LetsThatGoOnBehindIt()
    {
        var order = new List<int>();
        AsyncSignal first = new(), second = new(), third = new();
        _ = ThenAsync(first, () =>
        {
            using var scope = WakeScope.Open();
            third.Set();
            order.Add(1);
        });
        _ = ThenAsync(second, () => order.Add(2));
        _ = ThenAsync(third, () => order.Add(3));
        using (WakeScope.Open())
        {
            first.Set();
            second.Set();
        }

        Assert.Equal([1, 2, 3], order);
    }

    [Fact]
    public async Task Dispose_LoopsKeepWakingEachOther_HoldsNobody()
    {
        var loops = new PingPong(rounds: 10_000);

        loops.Run();

        Assert.InRange(loops.RoundsHere, 1, 100);
        await loops.Over.WaitAsync().AsTask().DefaultTimeout();
    }

    // Whoever sets it may hold a lock.
    [Fact]
    public async Task Set_OutsideOfAnyScope_LetsNothingGoOnBeforeItReturns()
    {
        var signal = new AsyncSignal();
        var gate = new Lock();
        var goesOn = ThenAsync(signal, () =>
        {
            lock (gate)
            {
                // Here it would deadlock, where the lock were another thread's.
            }
        });
        using (WakeScope.Open())
        {
            // One that is over is none.
        }

        lock (gate)
        {
            signal.Set();
            Assert.False(goesOn.IsCompleted);
        }

        await goesOn.DefaultTimeout();
    }

    // Not in the test's own context.
    private static async Task ThenAsync(AsyncSignal signal, Action goOn)
    {
        await signal.WaitAsync().ConfigureAwait(false);
        goOn();
    }

    /// <summary>Two loops that wake each other.</summary>
    private sealed class PingPong(int rounds)
    {
        private readonly int _here = Environment.CurrentManagedThreadId;
        private readonly AsyncSignal _one = new();
        private readonly AsyncSignal _other = new();
        private volatile bool _isDisposing = true;
        private int _count;

        public AsyncSignal Over { get; } = new();

        /// <summary>Rounds on the thread that opened the scope, before it was disposed.</summary>
        public int RoundsHere { get; private set; }

        public void Run()
        {
            _ = PassOnAsync(_one, _other);
            _ = PassOnAsync(_other, _one);
            using (WakeScope.Open())
            {
                _one.Set();
            }

            _isDisposing = false;
        }

        private async Task PassOnAsync(AsyncSignal signal, AsyncSignal next)
        {
            while (true)
            {
                await signal.WaitAsync().ConfigureAwait(false);
                RoundsHere += Environment.CurrentManagedThreadId == _here && _isDisposing ? 1 : 0;
                if (Interlocked.Increment(ref _count) >= rounds)
                {
                    Over.Set();
                    return;
                }

                next.Set();
            }
        }
    }
}
