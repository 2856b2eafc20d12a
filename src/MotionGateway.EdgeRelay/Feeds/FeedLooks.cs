namespace MotionGateway.EdgeRelay;

/// <summary>
/// Looks several times a second at all calls of the gateway: which has heard nothing for too long, and which has something to write whose
/// time has come. So a call sets no timer, neither with each message nor at all. Thread-safe.
/// </summary>
internal sealed class FeedLooks(TimeProvider timeProvider) : IDisposable
{
    private readonly Lock _lock = new();

    // Guarded by the lock.
    private readonly HashSet<FeedCall> _calls = [];
    private ITimer? _timer;
    private bool _isDisposed;

    /// <summary>By how much what is looked for may be noticed late.</summary>
    public static TimeSpan Interval { get; } = TimeSpan.FromMilliseconds(250);

    public void Add(FeedCall call)
    {
        lock (_lock)
        {
            _calls.Add(call);
            if (_calls.Count == 1 && !_isDisposed)
            {
                _timer ??= timeProvider.CreateTimer(
                    static looks => ((FeedLooks)looks!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                _timer.Change(Interval, Interval);
            }
        }
    }

    /// <summary>Looks at a call no more. None is under way when this returns.</summary>
    public void Remove(FeedCall call)
    {
        lock (_lock)
        {
            if (_calls.Remove(call) && _calls.Count == 0)
            {
                _timer!.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _timer?.Dispose();
        }
    }

    // What a call does when it is looked at does not wait, and takes no lock that is held for long.
    private void Look()
    {
        lock (_lock)
        {
            foreach (var call in _calls)
            {
                call.Look();
            }
        }
    }
}
