using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Time.Testing;

namespace MotionGateway.Testing;

/// <summary>
/// The fake clock, which also tells the timers that are set: a test advances it only when what it tests has begun to wait.
/// Thread-safe.
/// </summary>
public sealed class ObservedTimeProvider : FakeTimeProvider
{
    private readonly ConcurrentDictionary<ObservedTimer, DateTimeOffset> _set = [];

    /// <summary>Timers that will fire.</summary>
    public int ActiveTimers => _set.Count;

    /// <summary>Waits until somebody waits for exactly that moment. Of periodic timers only the first moment counts.</summary>
    /// <param name="due">The moment.</param>
    /// <param name="file">The caller's file.</param>
    /// <param name="line">The caller's line.</param>
    public Task WaitForTimerAsync(DateTimeOffset due, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Eventually.TrueAsync(() => _set.Values.Contains(due), file: file, line: line);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ObservedTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private ITimer CreateSilent(TimerCallback callback) =>
        base.CreateTimer(callback, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private sealed class ObservedTimer : ITimer
    {
        private readonly ObservedTimeProvider _time;
        private readonly ITimer _inner;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private bool _isPeriodic;
        // Guarded by _inner. Counts changes and endings: a change that either has overtaken must not be told.
        private int _version;

        public ObservedTimer(ObservedTimeProvider time, TimerCallback callback, object? state)
        {
            (_time, _callback, _state) = (time, callback, state);
            _inner = time.CreateSilent(_ => Fire());
        }

        // Told once it is set, never before: whoever sees the timer may advance the clock at once.
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            int version = Forget();
            var due = _time.GetUtcNow() + dueTime;
            Volatile.Write(ref _isPeriodic, period > TimeSpan.Zero);
            bool isChanged = _inner.Change(dueTime, period);
            lock (_inner)
            {
                if (isChanged && version == _version && dueTime != Timeout.InfiniteTimeSpan)
                {
                    _time._set[this] = due;
                }
            }

            return isChanged;
        }

        public void Dispose()
        {
            Forget();
            _inner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Forget();
            return _inner.DisposeAsync();
        }

        private void Fire()
        {
            if (!Volatile.Read(ref _isPeriodic))
            {
                Forget();
            }

            _callback(_state);
        }

        private int Forget()
        {
            lock (_inner)
            {
                _time._set.TryRemove(this, out _);
                return ++_version;
            }
        }
    }
}
