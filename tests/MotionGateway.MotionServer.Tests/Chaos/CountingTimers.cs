namespace MotionGateway.MotionServer.Tests.Chaos;

/// <summary>The system's time with a count of its timers: each is created once and disposed of.</summary>
internal sealed class CountingTimers : TimeProvider
{
    private long _created;
    private long _active;

    public long Created => Interlocked.Read(ref _created);

    /// <summary>Timers that nobody has disposed of.</summary>
    public long Active => Interlocked.Read(ref _active);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Interlocked.Increment(ref _created);
        Interlocked.Increment(ref _active);
        return new CountedTimer(this, base.CreateTimer(callback, state, dueTime, period));
    }

    private sealed class CountedTimer(CountingTimers timers, ITimer inner) : ITimer
    {
        private int _isDisposed;

        public bool Change(TimeSpan dueTime, TimeSpan period) => inner.Change(dueTime, period);

        public void Dispose()
        {
            Count();
            inner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Count();
            return inner.DisposeAsync();
        }

        private void Count()
        {
            if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            {
                Interlocked.Decrement(ref timers._active);
            }
        }
    }
}
