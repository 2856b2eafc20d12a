using MotionGateway.Testing;

namespace MotionGateway.Feeds.Tests;

public sealed class WakeScopeTests
{
    [Fact]
    public async Task Dispose_OfAScope_LetsGoOnHereWhatWasWokenInIt()
    {
        int here = Environment.CurrentManagedThreadId;
        var signal = new AsyncSignal();
        var goesOn = GoOnAsync(signal);
        using (WakeScope.Open())
        {
            signal.Set();
            Assert.False(goesOn.IsCompleted);
        }

        Assert.True(goesOn.IsCompletedSuccessfully);
        Assert.Equal(here, await goesOn);
    }

    [Fact]
    public void Dispose_OfAScopeWithinAnother_LeavesItToThatOne()
    {
        var signal = new AsyncSignal();
        var goesOn = GoOnAsync(signal);
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
        _ = NoteAsync(first, 1, third);
        _ = NoteAsync(second, 2, null);
        _ = NoteAsync(third, 3, null);
        using (WakeScope.Open())
        {
            first.Set();
            second.Set();
        }

        Assert.Equal([1, 2, 3], order);

        async Task NoteAsync(AsyncSignal signal, int number, AsyncSignal? next)
        {
            await signal.WaitAsync();
            using var scope = WakeScope.Open();
            next?.Set();
            order.Add(number);
        }
    }

    [Fact]
    public async Task Dispose_LoopsKeepWakingEachOther_HoldsNobody()
    {
        const int rounds = 10_000;
        int here = Environment.CurrentManagedThreadId;
        int roundsHere = 0, count = 0;
        bool isDisposing = true;
        AsyncSignal one = new(), other = new(), over = new();
        _ = PassOnAsync(one, other);
        _ = PassOnAsync(other, one);
        using (WakeScope.Open())
        {
            one.Set();
        }

        isDisposing = false;

        Assert.InRange(roundsHere, 1, 100);
        await over.WaitAsync().AsTask().DefaultTimeout();

        async Task PassOnAsync(AsyncSignal signal, AsyncSignal next)
        {
            while (true)
            {
                await signal.WaitAsync();
                roundsHere += Environment.CurrentManagedThreadId == here && Volatile.Read(ref isDisposing) ? 1 : 0;
                if (Interlocked.Increment(ref count) >= rounds)
                {
                    over.Set();
                    return;
                }

                next.Set();
            }
        }
    }

    // Whoever sets it may hold a lock.
    [Fact]
    public async Task Set_OutsideOfAnyScope_LetsNothingGoOnBeforeItReturns()
    {
        var signal = new AsyncSignal();
        var gate = new Lock();
        var goesOn = TakeAsync();
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

        async Task TakeAsync()
        {
            await signal.WaitAsync();
            lock (gate)
            {
                // Here it would deadlock, where the lock were another thread's.
            }
        }
    }

    private static async Task<int> GoOnAsync(AsyncSignal signal)
    {
        await signal.WaitAsync();
        return Environment.CurrentManagedThreadId;
    }
}
