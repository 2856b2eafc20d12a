using System.Runtime.CompilerServices;

namespace MotionGateway.Testing;

/// <summary>
/// Time that stands still until a test advances it. Timers fire inside <see cref="Advance"/>, in the order of their
/// due times and, for equal ones, of their creation; each callback sees its own due time as now. Thread-safe.
/// </summary>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly DateTimeOffset _start;
    private long _elapsedTicks;
    private long _timersCreated;

    /// <summary>Starts at noon of the first day of 2030, in UTC.</summary>
    public ManualTimeProvider()
        : this(new DateTimeOffset(2030, 1, 1, 12, 0, 0, TimeSpan.Zero))
    {
    }

    /// <summary>Starts at a given time.</summary>
    /// <param name="start">The time.</param>
    public ManualTimeProvider(DateTimeOffset start) => _start = start;

    /// <summary>Ticks of 100 ns.</summary>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>Time advanced so far.</summary>
    public TimeSpan Elapsed => new(Volatile.Read(ref _elapsedTicks));

    /// <summary>Timers that will fire.</summary>
    public int ActiveTimers
    {
        get
        {
            lock (_lock)
            {
                return _timers.Count;
            }
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _start + Elapsed;

    // Not zero at the start: a timestamp of zero would hide the use of one that was never taken.
    /// <inheritdoc/>
    public override long GetTimestamp() => _start.Ticks + Volatile.Read(ref _elapsedTicks);

    /// <summary>Moves time on and fires the timers that come due, in this thread.</summary>
    /// <param name="time">How far; not negative. Zero fires the timers that are due now.</param>
    public void Advance(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        long target = Volatile.Read(ref _elapsedTicks) + time.Ticks;
        while (TakeDue(target) is { } timer)
        {
            timer.Fire();
        }

        Volatile.Write(ref _elapsedTicks, Math.Max(target, Volatile.Read(ref _elapsedTicks)));
    }

    /// <summary>
    /// Advances in steps until a condition holds. For what other threads do in answer to time: one that has read the clock and has
    /// not set its timer yet would miss a single advance.
    /// </summary>
    /// <param name="step">How far at once.</param>
    /// <param name="condition">The condition.</param>
    /// <param name="file">The caller's file.</param>
    /// <param name="line">The caller's line.</param>
    public Task AdvanceUntilAsync(
        TimeSpan step, Func<bool> condition, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => Eventually.TrueAsync(
        () =>
        {
            if (condition())
            {
                return true;
            }

            Advance(step);
            return false;
        },
        file: file, line: line);

    /// <summary>Waits until somebody waits for exactly that moment.</summary>
    /// <param name="due">The moment.</param>
    /// <param name="file">The caller's file.</param>
    /// <param name="line">The caller's line.</param>
    public Task WaitForTimerAsync(DateTimeOffset due, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => Eventually.TrueAsync(
        () =>
        {
            lock (_lock)
            {
                return _timers.Exists(timer => _start.AddTicks(timer.DueTicks) == due);
            }
        },
        file: file, line: line);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ManualTimer(this, callback, state, Interlocked.Increment(ref _timersCreated));
        timer.Change(dueTime, period);
        return timer;
    }

    private ManualTimer? TakeDue(long target)
    {
        lock (_lock)
        {
            var timer = _timers.Where(candidate => candidate.DueTicks <= target)
                .OrderBy(candidate => candidate.DueTicks).ThenBy(candidate => candidate.Number).FirstOrDefault();
            if (timer is null)
            {
                return null;
            }

            Volatile.Write(ref _elapsedTicks, Math.Max(timer.DueTicks, _elapsedTicks));
            if (timer.PeriodTicks > 0)
            {
                timer.DueTicks += timer.PeriodTicks;
            }
            else
            {
                _timers.Remove(timer);
            }

            return timer;
        }
    }

    private sealed class ManualTimer(ManualTimeProvider time, TimerCallback callback, object? state, long number) : ITimer
    {
        private bool _isDisposed;

        public long Number { get; } = number;

        public long DueTicks { get; set; }

        public long PeriodTicks { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                if (_isDisposed)
                {
                    return false;
                }

                time._timers.Remove(this);
                PeriodTicks = period > TimeSpan.Zero ? period.Ticks : 0;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    DueTicks = time._elapsedTicks + dueTime.Ticks;
                    time._timers.Add(this);
                }

                return true;
            }
        }

        public void Dispose()
        {
            lock (time._lock)
            {
                _isDisposed = true;
                time._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
