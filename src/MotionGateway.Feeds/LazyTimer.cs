namespace MotionGateway.Feeds;

/// <summary>
/// A timer for whatever is due next. It is left alone as long as nothing is due earlier than it fires: a look too many is cheaper than a
/// timer that is set at each command. So it may fire when nothing is due, and is to be set again then.
/// </summary>
/// <remarks>
/// Set by one at a time; it may fire meanwhile. What is due in half a second or more is looked at up to <see cref="Together"/> early, at
/// moments that are the same for all timers of a clock: each moment wakes two threads of the process, whether one timer fires or a thousand.
/// </remarks>
public sealed class LazyTimer : IDisposable, IAsyncDisposable
{
    /// <summary>The time between moments that timers fire at together.</summary>
    public static readonly TimeSpan Together = TimeSpan.FromMilliseconds(250);

    private const long NotSet = long.MinValue;

    private readonly TimeProvider _timeProvider;
    private readonly Action _onFired;
    private readonly ITimer _timer;
    private long _setAt = NotSet;
    private TimeSpan _due;

    /// <param name="timeProvider">The clock.</param>
    /// <param name="onFired">Something may be due.</param>
    public LazyTimer(TimeProvider timeProvider, Action onFired)
    {
        (_timeProvider, _onFired) = (timeProvider, onFired);
        _timer = timeProvider.CreateTimer(
            static timer => ((LazyTimer)timer!).OnFired(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Something is due.</summary>
    /// <param name="due">In how long; zero or less: at once.</param>
    public void Set(TimeSpan due)
    {
        // As a rule it was set for no longer, and no clock need be read.
        if (Interlocked.Read(ref _setAt) is var setAt and not NotSet && (_due <= due || _due - _timeProvider.GetElapsedTime(setAt) <= due))
        {
            return;
        }

        long now = _timeProvider.GetTimestamp();
        if (due >= 2 * Together)
        {
            due -= TimeSpan.FromTicks((_timeProvider.GetElapsedTime(0, now) + due).Ticks % Together.Ticks);
        }

        // A timer fires a little early at times: a millisecond more spares a round.
        _due = TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling(due.TotalMilliseconds)));
        Interlocked.Exchange(ref _setAt, now);
        _timer.Change(_due, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Stops it. It may be firing.</summary>
    public void Dispose() => _timer.Dispose();

    /// <summary>Stops it, and waits until it does not fire any more.</summary>
    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void OnFired()
    {
        Interlocked.Exchange(ref _setAt, NotSet);
        _onFired();
    }
}
