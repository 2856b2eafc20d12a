using System.Threading.Tasks.Sources;

namespace MotionGateway.MotionServer;

/// <summary>Wakes one waiter, again and again, without an allocation a wait. Its owner calls it under a lock.</summary>
internal sealed class SingleWaiter : IValueTaskSource
{
    // Whoever wakes holds a lock, which the waiter's continuation must not run under.
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private bool _isWaiting;

    /// <summary>Begins a wait, to be awaited once; nobody else waits.</summary>
    public ValueTask WaitAsync()
    {
        _core.Reset();
        _isWaiting = true;
        return new ValueTask(this, _core.Version);
    }

    /// <summary>Ends the wait, if there is one.</summary>
    public void Wake()
    {
        if (_isWaiting)
        {
            _isWaiting = false;
            _core.SetResult(true);
        }
    }

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
