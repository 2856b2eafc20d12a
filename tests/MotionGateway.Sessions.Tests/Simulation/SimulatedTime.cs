using Microsoft.Extensions.Time.Testing;

namespace MotionGateway.Sessions.Tests.Simulation;

/// <summary>The fake clock, which also tells when its next timer fires: a simulation goes from one to the next. Not thread-safe.</summary>
internal sealed class SimulatedTime : FakeTimeProvider
{
    private static readonly TimeSpan Soon = TimeSpan.FromTicks(1);

    private readonly Dictionary<TrackedTimer, DateTimeOffset> _due = [];

    /// <summary>How long until the next timer fires; null: never.</summary>
    public TimeSpan? UntilNext => _due.Count == 0 ? null : _due.Values.Min() - GetUtcNow();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new TrackedTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private ITimer CreateInner(TimerCallback callback) =>
        base.CreateTimer(callback, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private sealed class TrackedTimer : ITimer
    {
        private readonly SimulatedTime _time;
        private readonly ITimer _inner;
        private TimeSpan _period;

        public TrackedTimer(SimulatedTime time, TimerCallback callback, object? state)
        {
            _time = time;
            _inner = time.CreateInner(_ =>
            {
                Track(_period > TimeSpan.Zero ? _period : Timeout.InfiniteTimeSpan);
                callback(state);
            });
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _period = period;

            // One that is due at once fires soon, and not within the call.
            var due = dueTime == TimeSpan.Zero ? Soon : dueTime;
            Track(due);
            return _inner.Change(due, period);
        }

        public void Dispose()
        {
            _time._due.Remove(this);
            _inner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Track(TimeSpan dueTime)
        {
            _time._due.Remove(this);
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                _time._due.Add(this, _time.GetUtcNow() + dueTime);
            }
        }
    }
}
