using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;

namespace MotionGateway.MotionServer;

/// <summary>
/// The ready connections of one kind. One task keeps the shelf full: it opens what is missing and closes what has ended, or has
/// waited for too long. It ends when nobody has asked for long enough, or the pool is disposed.
/// </summary>
internal sealed partial class ConnectionShelf(
    IMotionConnector connector, MotionConnectionOptions connection, MotionConnectionPoolOptions options, TimeProvider time, ILogger logger,
    CancellationToken stopping)
{
    private readonly Lock _lock = new();
    private readonly ReadyConnections _ready = new(time, options.MaxAge);
    private readonly ReconnectSchedule _schedule = options.Reconnect.Start(time);
    private TaskCompletionSource _change = NewSignal();
    private long _askedAt = time.GetTimestamp();
    private int _waiting;
    private Exception? _gaveUpFor;
    private Task? _keeping;
    private Task _closing = Task.CompletedTask;
    private bool _isClosed;

    /// <summary>The task that keeps the shelf full, from the first use on; never fails.</summary>
    public Task Keeping
    {
        get
        {
            lock (_lock)
            {
                return _keeping ?? Task.CompletedTask;
            }
        }
    }

    /// <summary>Whether nobody has asked for so long that nothing is kept any more.</summary>
    public bool IsOver
    {
        get
        {
            lock (_lock)
            {
                return _isClosed;
            }
        }
    }

    /// <summary>Takes a ready connection in good health, if there is one; notes that this kind is wanted.</summary>
    /// <returns>False when nothing is kept here any more.</returns>
    public bool TryTake(out IMotionConnection? taken)
    {
        taken = null;
        ReadyConnection[] outranked = FindOutranked();
        lock (_lock)
        {
            if (!TryAsk(outranked))
            {
                return false;
            }

            taken = _ready.Take();
            if (taken is not null)
            {
                _schedule.Reset();
            }

            return true;
        }
    }

    /// <summary>Ends when the shelf is full; notes that this kind is wanted.</summary>
    /// <returns>False when nothing is kept here any more.</returns>
    /// <exception cref="MotionServerException">Connections cannot be opened.</exception>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public async Task<bool> TryFillAsync(CancellationToken cancellationToken)
    {
        ReadyConnection[] outranked = FindOutranked();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(stopping.IsCancellationRequested, typeof(MotionConnectionPool));
            if (!TryAsk(outranked))
            {
                return false;
            }

            _waiting++;
        }

        try
        {
            while (NextUnlessFull() is { } change)
            {
                await change.WaitAsync(cancellationToken).ConfigureAwait(false);
            }

            return true;
        }
        finally
        {
            lock (_lock)
            {
                _waiting--;
                _askedAt = time.GetTimestamp();
            }
        }
    }

    // Looked at together with what will change it.
    private Task? NextUnlessFull()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed || stopping.IsCancellationRequested, typeof(MotionConnectionPool));
            if (_gaveUpFor is not null)
            {
                ExceptionDispatchInfo.Throw(_gaveUpFor);
            }

            return _ready.Healthy >= options.Size ? null : _change.Task;
        }
    }

    // What the connector answers is its owner's code, which may throw, or ask here: before anything changes, and not under the lock.
    private ReadyConnection[] FindOutranked()
    {
        ReadyConnection[] ready;
        lock (_lock)
        {
            ready = _ready.All;
        }

        return [.. ready.GroupBy(one => one.Connection.Region).Where(region => !connector.IsCurrentRegion(region.Key)).SelectMany(region => region)];
    }

    private bool TryAsk(ReadyConnection[] outranked)
    {
        if (_isClosed)
        {
            return false;
        }

        _askedAt = time.GetTimestamp();
        _gaveUpFor = null;
        CloseOutranked(outranked);
        // Not before somebody asks: what it gave up for would be forgotten by the very first question.
        if (_keeping is null && !stopping.IsCancellationRequested)
        {
            _keeping = BackgroundTask.Run(KeepAsync);
        }

        Signal();
        return true;
    }

    // Upon a question and not by the keeper: where one region after the other fails, it would open and close without end. And at
    // once, whatever the keeper waits for: they hold places that whoever asks may need.
    private void CloseOutranked(ReadyConnection[] outranked)
    {
        List<(ReadyConnection, string)> taken = _ready.TakeOutranked(outranked);
        if (taken.Count > 0)
        {
            _schedule.Reset();
            _closing = Task.WhenAll(_closing, BackgroundTask.Run(() => ReadyConnections.DiscardAsync(taken)));
        }
    }

    private void Signal()
    {
        _change.TrySetResult();
        _change = NewSignal();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
