using System.Threading.Tasks.Sources;

namespace MotionGateway.Feeds;

/// <summary>
/// Wakes one waiting loop. A signal that is set while nobody waits is kept, once. Allocates nothing per wait.
/// </summary>
public sealed class AsyncSignal : IValueTaskSource, IReaderWake
{
    private readonly Lock _lock = new();
    private readonly RunLoop? _runLoop;
    private ManualResetValueTaskSourceCore<bool> _source;
    private bool _isSet;
    private bool _isWaiting;

    // It was woken, and has not gone on yet.
    private volatile bool _isWoken;

    /// <summary>Creates a signal.</summary>
    /// <param name="runLoop">Where the waiting loop goes on; null: on the thread pool.</param>
    public AsyncSignal(RunLoop? runLoop = null)
    {
        _runLoop = runLoop;
        _source = new() { RunContinuationsAsynchronously = runLoop is null };
    }

    /// <summary>Wakes the waiting loop, or the next one to wait.</summary>
    public void Set() => Set(isUrgent: true);

    /// <summary>Wakes the waiting loop together with others that are woken within a millisecond, where it has a run loop.</summary>
    public void SetSoon() => Set(isUrgent: false);

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

    /// <summary>Lets the loop go on that was woken. Called by the run loop.</summary>
    internal void Continue()
    {
        _isWoken = false;
        _source.SetResult(true);
    }

    private void Set(bool isUrgent)
    {
        lock (_lock)
        {
            if (_isWaiting)
            {
                _isWaiting = false;
            }
            else
            {
                _isSet = true;
                if (isUrgent && _isWoken)
                {
                    _runLoop?.Hurry();
                }

                return;
            }

            _isWoken = true;
        }

        if (_runLoop is null)
        {
            Continue();
        }
        else
        {
            _runLoop.Add(this, isUrgent);
        }
    }

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
