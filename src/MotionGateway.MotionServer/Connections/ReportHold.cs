namespace MotionGateway.MotionServer;

/// <summary>
/// Holds back what the server reports until it shows whether a close comes of it, since the two are one failure then. A report is delivered once the server goes on with
/// its request, after a moment, or with the next one; if the connection ends first, it becomes a part of that end, and so it does for some patience after it was delivered. Thread-safe; delivering is quick, and throws nothing.
/// </summary>
internal sealed class ReportHold(TimeProvider time, TimeSpan patience, Action<MotionServerException> deliver) : IDisposable
{
    /// <summary>How long a close may take to come after its report. Both are sent at once; they may be in two packets.</summary>
    public static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    // All guarded by the lock.
    private ITimer? _timer;
    private MotionServerException? _held;
    // Delivered when nothing had followed it; a close may still come of it.
    private MotionServerException? _delivered;
    private bool _isOvertaken;
    private long _reportedAt;
    private bool _isOver;

    /// <summary>Holds a report back. One that was held before is delivered.</summary>
    public void Add(MotionServerException report)
    {
        lock (_lock)
        {
            DeliverLocked();
            (_held, _delivered, _isOvertaken, _reportedAt) = (report, null, false, time.GetTimestamp());
            _timer ??= time.CreateTimer(static hold => ((ReportHold)hold!).OnMomentPassed(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(Moment, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The server goes on with a request: a report about it, or about none, is no end of the connection.</summary>
    public void GoOn(string requestId)
    {
        lock (_lock)
        {
            _isOvertaken = true;
            if (_held is { RequestId: var about } && (about is null || about == requestId))
            {
                DeliverLocked();
            }

            _delivered = null;
        }
    }

    /// <summary>The report that the end of the connection belongs to, if any. Nothing is delivered from now on.</summary>
    /// <param name="isDelivered">Whether readers have been told already.</param>
    public MotionServerException? TakeForEnd(out bool isDelivered)
    {
        lock (_lock)
        {
            _isOver = true;
            // A report that tells its own cause, about one request, while others went on, is not why the connection ends.
            if (_isOvertaken && _held is { RequestId: not null, Code: var code } && !ErrorRules.IsUnclassified(code))
            {
                DeliverLocked();
                _delivered = null;
            }

            isDelivered = _held is null;
            return _held ?? (time.GetElapsedTime(_reportedAt) <= patience ? _delivered : null);
        }
    }

    /// <summary>Delivers what is held: this side ends the connection, for a reason of its own. Nothing is delivered from now on.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            if (!_isOver)
            {
                DeliverLocked();
            }

            _isOver = true;
            _timer?.Dispose();
        }
    }

    public void Dispose() => Flush();

    private void OnMomentPassed()
    {
        lock (_lock)
        {
            // A timer may ring a fraction early, and one that was set anew may still have been ringing for the report before.
            TimeSpan left = Moment - time.GetElapsedTime(_reportedAt);
            if (!_isOver && _held is not null && left > TimeSpan.Zero)
            {
                _timer!.Change(left, Timeout.InfiniteTimeSpan);
            }
            else if (!_isOver)
            {
                DeliverLocked();
            }
        }
    }

    private void DeliverLocked()
    {
        if (_held is not null)
        {
            deliver(_held);
            (_delivered, _held) = (_isOvertaken ? null : _held, null);
        }
    }
}
