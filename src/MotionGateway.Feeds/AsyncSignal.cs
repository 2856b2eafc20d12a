using System.Threading.Tasks.Sources;

namespace MotionGateway.Feeds;

/// <summary>
/// Wakes one waiting loop. A signal that is set while nobody waits is kept, once. Allocates nothing per wait.
/// </summary>
/// <remarks>The loop goes on on the thread pool, or, where it is woken within a <see cref="WakeScope"/>, at that one's end.</remarks>
public sealed class AsyncSignal : IValueTaskSource, IReaderWake
{
    private readonly Lock _lock = new();
    private ManualResetValueTaskSourceCore<bool> _source;
    private bool _isSet;
    private bool _isWaiting;

    /// <summary>Wakes the waiting loop, or the next one to wait.</summary>
    public void Set()
    {
        lock (_lock)
        {
            if (!_isWaiting)
            {
                _isSet = true;
                return;
            }

            _isWaiting = false;
        }

        if (!WakeScope.TryDefer(this))
        {
            GoOn(isHere: false);
        }
    }

    /// <summary>Completes when the signal is set, and resets it. Only one loop may wait at a time.</summary>
    /// <exception cref="InvalidOperationException">Another loop is waiting.</exception>
    public ValueTask WaitAsync()
    {
        lock (_lock)
        {
            if (_isWaiting)
            {
                throw new InvalidOperationException("An AsyncSignal has one waiter at a time.");
            }

            if (_isSet)
            {
                _isSet = false;
                return ValueTask.CompletedTask;
            }

            _source.Reset();
            _isWaiting = true;
            return new ValueTask(this, _source.Version);
        }
    }

    /// <summary>Lets the loop that was woken go on.</summary>
    /// <param name="isHere">On this thread, before this returns.</param>
    internal void GoOn(bool isHere)
    {
        // Only who has taken the wait comes here.
        _source.RunContinuationsAsynchronously = !isHere;
        _source.SetResult(true);
    }

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
