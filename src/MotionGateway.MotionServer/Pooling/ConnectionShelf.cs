using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;

namespace MotionGateway.MotionServer;

/// <summary>
/// The ready connections of one kind. One task keeps the shelf full: it opens what is missing and closes what has ended, or has waited for too long. It ends when nobody
/// has asked for long enough, or the pool is disposed.
/// </summary>
internal sealed class ConnectionShelf(
    IMotionConnector connector, MotionConnectionOptions connection, MotionConnectionPoolOptions options, TimeProvider time, ILogger logger,
    CancellationToken stopping)
{
    // A connection that ends sooner is as good as one that was refused: opening the next at once would go on for ever.
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    // All guarded by the lock.
    private readonly List<Ready> _ready = [];
    private readonly ReconnectSchedule _schedule = options.Reconnect.Start(time);
    private TaskCompletionSource _change = NewSignal();
    private long _askedAt = time.GetTimestamp();
    private int _waiting;
    private Exception? _gaveUpFor;
    private Task? _keeping;
    private Task _closing = Task.CompletedTask;
    private bool _isClosed;

    /// <summary>The task that keeps the shelf full, from the first use on; never fails.</summary>
    public Task Keeping => Locked(() => _keeping ?? Task.CompletedTask);

    /// <summary>Whether nobody has asked for so long that nothing is kept any more.</summary>
    public bool IsOver => Locked(() => _isClosed);

    /// <summary>Takes a ready connection in good health, if there is one; notes that this kind is wanted.</summary>
    /// <returns>False when nothing is kept here any more.</returns>
    public bool TryTake(out IMotionConnection? taken)
    {
        lock (_lock)
        {
            taken = null;
            if (!TryAskLocked())
            {
                return false;
            }

            // Those that are passed over stay, to be closed.
            int found = _ready.FindIndex(IsHealthy);
            if (found >= 0)
            {
                taken = _ready[found].Connection;
                _ready.RemoveAt(found);
                _schedule.Reset();
                MotionServerTelemetry.RecordPooled(-1, taken.Region);
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
            if (!TryAskLocked())
            {
                return false;
            }

            _waiting++;
        }

        try
        {
            while (Locked(NextUnlessFullLocked) is { } change)
            {
                await change.WaitAsync(cancellationToken).ConfigureAwait(false);
            }

            return true;
        }
        finally
        {
            Locked(() => (_waiting, _askedAt) = (_waiting - 1, time.GetTimestamp()));
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private T Locked<T>(Func<T> run)
    {
        lock (_lock)
        {
            return run();
        }
    }

    private bool IsHealthy(Ready ready) => !ready.HasEnded && !ready.HasWord && time.GetElapsedTime(ready.OpenedAt) < options.MaxAge;

    // Looked at together with what will change it.
    private Task? NextUnlessFullLocked()
    {
        ObjectDisposedException.ThrowIf(_isClosed || stopping.IsCancellationRequested, typeof(MotionConnectionPool));
        if (_gaveUpFor is not null)
        {
            ExceptionDispatchInfo.Throw(_gaveUpFor);
        }

        return _ready.Count(IsHealthy) >= options.Size ? null : _change.Task;
    }

    private bool TryAskLocked()
    {
        if (_isClosed)
        {
            return false;
        }

        _askedAt = time.GetTimestamp();
        _gaveUpFor = null;
        // Upon a question and not by the keeper: where one region after the other fails, it would open and close without end. And at once,
        // whatever the keeper waits for: they hold places that whoever asks may need. What has ended or was spoken to stays: that is trouble.
        List<Ready> outranked = TakeLocked(ready => !ready.HasEnded && !ready.HasWord && !IRegionRank.Ask(connector, ready.Connection.Region));
        if (outranked.Count > 0)
        {
            _schedule.Reset();
            _closing = Task.WhenAll(_closing, BackgroundTask.Run(() => DiscardAsync(outranked, _ => "region")));
        }

        // Not before somebody asks: what it gave up for would be forgotten by the very first question.
        _keeping ??= stopping.IsCancellationRequested ? null : BackgroundTask.Run(KeepAsync);
        return SignalLocked();
    }

    private bool SignalLocked()
    {
        _change.TrySetResult();
        _change = NewSignal();
        return true;
    }

    private List<Ready> TakeLocked(Predicate<Ready> match)
    {
        List<Ready> taken = _ready.FindAll(match);
        _ready.RemoveAll(taken.Contains);
        return taken;
    }

    private async Task KeepAsync()
    {
        try
        {
            while (!stopping.IsCancellationRequested && !TryCloseUnused())
            {
                // Before the shelf is looked at: what changes from then on wakes the wait.
                Task change = Locked(() => _change.Task);
                await ClearAsync().ConfigureAwait(false);
                // Not while some are still closing, whose places the next may need; what set them aside has also woken the wait.
                bool wantsMore = Locked(() => _gaveUpFor is null && _closing.IsCompleted && _ready.Count < options.Size);
                await (wantsMore ? OpenOneAsync() : WaitForWorkAsync(change)).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The pool is being disposed.
        }
        finally
        {
            string reason = stopping.IsCancellationRequested ? "disposed" : "unused";
            (List<Ready> all, Task closing) = Locked(() =>
            {
                _isClosed = SignalLocked();
                return (TakeLocked(_ => true), _closing);
            });
            await Task.WhenAll(closing, DiscardAsync(all, _ => reason)).ConfigureAwait(false);
        }
    }

    private async Task OpenOneAsync()
    {
        try
        {
            IMotionConnection opened = await connector.ConnectAsync(connection, stopping).ConfigureAwait(false);
            MotionServerTelemetry.RecordPooled(1, opened.Region);
            lock (_lock)
            {
                _ready.Add(new Ready(opened, time.GetTimestamp()));
                SignalLocked();
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
        if (Locked(() => _schedule.TryNext(failure, out TimeSpan delay) ? delay : (TimeSpan?)null) is TimeSpan pause)
        {
            await Task.Delay(pause, time, stopping).ConfigureAwait(false);
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
        Locked(() =>
        {
            _schedule.Reset();
            _gaveUpFor = cause;
            return SignalLocked();
        });
    }

    // Woken by a use, by a connection that ends on the shelf, and when the next one is too old or nobody has asked for too long.
    private async Task WaitForWorkAsync(Task change)
    {
        (Task[] ends, TimeSpan left) = Locked(() => (
            _ready.Select(ready => ready.Connection.Completion).ToArray(),
            _ready.Select(ready => options.MaxAge - time.GetElapsedTime(ready.OpenedAt))
                .Append(_waiting > 0 ? options.IdleTimeout : options.IdleTimeout - time.GetElapsedTime(_askedAt)).Min()));
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await Task.WhenAny([change, .. ends, Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, over.Token)]).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
    }

    private async Task ClearAsync()
    {
        (List<Ready> unusable, Task closing) = Locked(() => (TakeLocked(ready => !IsHealthy(ready)), _closing));
        // Looked at before they are closed, which ends them all.
        Ready? early = unusable.Find(ready => (ready.HasEnded || ready.HasWord) && time.GetElapsedTime(ready.OpenedAt) < Settled);
        await Task.WhenAll(closing, DiscardAsync(unusable, ready => ready.HasEnded ? "ended" : ready.HasWord ? "spoken_to" : "aged")).ConfigureAwait(false);
        if (early is not null)
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

    private static async Task DiscardAsync(List<Ready> removed, Func<Ready, string> reasonOf) => await Task.WhenAll(removed.Select(ready =>
    {
        MotionServerTelemetry.RecordPooled(-1, ready.Connection.Region);
        MotionServerTelemetry.RecordPoolDiscard(reasonOf(ready), ready.Connection.Region);
        return ready.Connection.DisposeAsync().AsTask();
    })).ConfigureAwait(false);

    // From the very look on it takes no more questions, and leaves none without an answer.
    private bool TryCloseUnused() => Locked(() => _isClosed = _waiting == 0 && time.GetElapsedTime(_askedAt) >= options.IdleTimeout);

    /// <summary>A connection that waits for its use.</summary>
    private sealed record Ready(IMotionConnection Connection, long OpenedAt)
    {
        public bool HasEnded => Connection.Completion.IsCompleted;

        /// <summary>Whether the server has said something, which before any request can only be trouble.</summary>
        public bool HasWord => Connection is MotionConnection { HasWord: true };

        /// <summary>Why a connection that nobody has used is of no use.</summary>
        public MotionServerException WhyEnded() =>
            Connection.Completion.Exception?.InnerException as MotionServerException
            ?? new MotionServerException(
                MotionServerErrorCode.ConnectionClosed, MotionServerPhase.WebSocketRuntime, "The Motion Server closed a connection before it was used.")
            {
                ConnectionId = Connection.ConnectionId,
            };
    }
}
