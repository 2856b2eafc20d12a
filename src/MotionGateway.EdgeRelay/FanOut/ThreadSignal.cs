namespace MotionGateway.EdgeRelay;

/// <summary>
/// Wakes a thread of its own that waits. A signal that is set while it does not wait is kept, once. Thread-safe; one thread waits.
/// </summary>
internal sealed class ThreadSignal
{
    private readonly object _monitor = new();
    private bool _isWaiting;
    private bool _isUrgent;
    private volatile bool _isSet;

    /// <summary>Wakes the thread, or lets its next wait end at once.</summary>
    public void Set()
    {
        // What was done before is seen by whoever takes the signal that is set already: both sides pass a full fence.
        Interlocked.MemoryBarrier();
        if (_isSet)
        {
            return;
        }

        lock (_monitor)
        {
            _isSet = true;
            if (_isWaiting)
            {
                Monitor.Pulse(_monitor);
            }
        }
    }

    /// <summary>The same, and ends a pause.</summary>
    public void SetUrgent()
    {
        lock (_monitor)
        {
            (_isSet, _isUrgent) = (true, true);
            Monitor.Pulse(_monitor);
        }
    }

    /// <summary>Waits for the signal, and takes it.</summary>
    /// <returns>Whether it is urgent.</returns>
    public bool Wait()
    {
        lock (_monitor)
        {
            while (!_isSet)
            {
                _isWaiting = true;
                Monitor.Wait(_monitor);
                _isWaiting = false;
            }

            bool isUrgent = _isUrgent;
            (_isSet, _isUrgent) = (false, false);
            Interlocked.MemoryBarrier();
            return isUrgent;
        }
    }

    /// <summary>Waits for a time, or until the signal is urgent. What is set meanwhile is kept.</summary>
    public void Pause(TimeSpan time)
    {
        lock (_monitor)
        {
            if (!_isUrgent)
            {
                Monitor.Wait(_monitor, time);
            }
        }
    }
}
