namespace MotionGateway.MotionServer;

/// <summary>The time limit of one send after the other, on one timer that is armed rarely, so that a send costs no allocation.</summary>
internal sealed class SendDeadline : IDisposable
{
    // Timers are no finer, and one may fire a fraction early.
    private static readonly TimeSpan Grain = TimeSpan.FromMilliseconds(1);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan _limit;
    private readonly Action _onExpired;
    private readonly ITimer _timer;
    // Guarded by the lock.
    private long _started;
    private bool _isSending;
    private bool _isArmed;

    public SendDeadline(TimeProvider time, TimeSpan limit, Action onExpired)
    {
        (_time, _limit, _onExpired) = (time, limit, onExpired);
        _timer = time.CreateTimer(static state => ((SendDeadline)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Start()
    {
        lock (_lock)
        {
            (_started, _isSending) = (_time.GetTimestamp(), true);
            // A timer that still runs for an earlier send fires early and is armed again for what is left.
            _isArmed = _isArmed || _timer.Change(_limit, Timeout.InfiniteTimeSpan);
        }
    }

    public void Stop()
    {
        lock (_lock)
        {
            _isSending = false;
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Fire()
    {
        lock (_lock)
        {
            TimeSpan left = _limit - _time.GetElapsedTime(_started);
            _isArmed = _isSending && left > Grain && _timer.Change(left, Timeout.InfiniteTimeSpan);
            if (!_isSending || _isArmed)
            {
                return;
            }

            _isSending = false;
        }

        _onExpired();
    }
}
