using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;

namespace MotionGateway.MotionServer;

/// <summary>
/// The ready connections of one kind. One task keeps the shelf full: it opens what is missing and closes what has ended, or has
/// waited for too long. It ends when nobody has asked for long enough, or the pool is disposed.
/// </summary>
internal sealed class ConnectionShelf(
    IMotionConnector connector, MotionConnectionOptions connection, MotionConnectionPoolOptions options, TimeProvider time, ILogger logger,
    CancellationToken stopping)
{
    // A connection that ends sooner is as good as one that was refused: opening the next at once would go on for ever.
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly ReadyConnections _ready = new(connector, time, options.MaxAge);
    private readonly ReconnectSchedule _schedule = options.Reconnect.Start(time);
    private TaskCompletionSource _change = NewSignal();
    private long _askedAt = time.GetTimestamp();
    private int _waiting;
    private Exception? _gaveUpFor;
    private Task? _keeping;
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
        lock (_lock)
        {
            if (!TryAsk())
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
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(stopping.IsCancellationRequested, typeof(MotionConnectionPool));
            if (!TryAsk())
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

    private async Task KeepAsync()
    {
        try
        {
            while (!stopping.IsCancellationRequested && !TryCloseUnused())
            {
                // Before the shelf is looked at: what changes from then on wakes the wait.
                Task change = NextChange();
                await ClearAsync().ConfigureAwait(false);
                if (WantsMore())
                {
                    await OpenOneAsync().ConfigureAwait(false);
                }
                else
                {
                    await WaitForWorkAsync(change).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The pool is being disposed.
        }
        finally
        {
            await CloseAllAsync(stopping.IsCancellationRequested ? "disposed" : "unused").ConfigureAwait(false);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private async Task OpenOneAsync()
    {
        try
        {
            IMotionConnection opened = await connector.ConnectAsync(connection, stopping).ConfigureAwait(false);
            lock (_lock)
            {
                _ready.Add(opened);
                Signal();
            }
        }
        catch (MotionServerException failure)
        {
            await PauseAsync(failure).ConfigureAwait(false);
        }
        // A connector that is the caller's may throw anything, and a client that is disposed first does.
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            GiveUp(exception, exception.GetType().Name);
        }
    }

    private async Task PauseAsync(MotionServerException failure)
    {
        bool goesOn;
        TimeSpan delay;
        lock (_lock)
        {
            goesOn = _schedule.TryNext(failure, out delay);
        }

        if (goesOn)
        {
            await Task.Delay(delay, time, stopping).ConfigureAwait(false);
        }
        else
        {
            GiveUp(failure, failure.Code.ToStableName());
        }
    }

    // Until the next use.
    private void GiveUp(Exception cause, string reason)
    {
        logger.PoolGaveUp(connection.AvatarId, reason);
        lock (_lock)
        {
            _schedule.Reset();
            _gaveUpFor = cause;
            Signal();
        }
    }

    // Woken by a use, by a connection that ends on the shelf, and when the next one is too old or nobody has asked for too long.
    private async Task WaitForWorkAsync(Task change)
    {
        List<Task> events = [change];
        TimeSpan left;
        lock (_lock)
        {
            events.AddRange(_ready.Ends);
            left = Min(_ready.UntilTooOld(), _waiting > 0 ? options.IdleTimeout : options.IdleTimeout - time.GetElapsedTime(_askedAt));
        }

        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        events.Add(Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, over.Token));
        await Task.WhenAny(events).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
    }

    private async Task ClearAsync()
    {
        List<(ReadyConnection Ready, string Reason)> unusable;
        lock (_lock)
        {
            unusable = _ready.TakeUnusable();
        }

        // Looked at before they are closed, which ends them all.
        ReadyConnection early = unusable.Select(removed => removed.Ready)
            .FirstOrDefault(ready => (ready.HasEnded || ready.HasWord) && time.GetElapsedTime(ready.OpenedAt) < Settled);
        await ReadyConnections.DiscardAsync(unusable).ConfigureAwait(false);
        if (early.Connection is not null)
        {
            await PauseAsync(early.WhyEnded()).ConfigureAwait(false);
        }
        else if (unusable.Count > 0)
        {
            lock (_lock)
            {
                _schedule.Reset();
            }
        }
    }

    private async Task CloseAllAsync(string reason)
    {
        List<(ReadyConnection, string)> all;
        lock (_lock)
        {
            _isClosed = true;
            all = _ready.TakeAll(reason);
            Signal();
        }

        await ReadyConnections.DiscardAsync(all).ConfigureAwait(false);
    }

    private bool WantsMore()
    {
        lock (_lock)
        {
            return _gaveUpFor is null && _ready.Count < options.Size;
        }
    }

    private Task NextChange()
    {
        lock (_lock)
        {
            return _change.Task;
        }
    }

    // From the very look on it takes no more questions, and leaves none without an answer.
    private bool TryCloseUnused()
    {
        lock (_lock)
        {
            return _isClosed = _waiting == 0 && time.GetElapsedTime(_askedAt) >= options.IdleTimeout;
        }
    }

    private bool TryAsk()
    {
        if (_isClosed)
        {
            return false;
        }

        _askedAt = time.GetTimestamp();
        _gaveUpFor = null;
        // Here and not by the keeper: where one region after the other fails, it would open and close without end.
        _ready.SetOutrankedAside();
        // Not before somebody asks: what it gave up for would be forgotten by the very first question.
        if (_keeping is null && !stopping.IsCancellationRequested)
        {
            _keeping = BackgroundTask.Run(KeepAsync);
        }

        Signal();
        return true;
    }

    private void Signal()
    {
        _change.TrySetResult();
        _change = NewSignal();
    }
}
