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
    private readonly List<ReadyConnection> _ready = [];
    private readonly ReconnectSchedule _schedule = options.Reconnect.Start(time);
    private TaskCompletionSource _change = NewSignal();
    private long _askedAt = time.GetTimestamp();
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

    /// <summary>A ready connection in good health, or null; notes that this kind is wanted.</summary>
    public IMotionConnection? Take()
    {
        lock (_lock)
        {
            Ask();
            // The keeper closes those that are passed over.
            int found = _ready.FindIndex(IsHealthy);
            if (found < 0)
            {
                return null;
            }

            IMotionConnection taken = _ready[found].Connection;
            _ready.RemoveAt(found);
            _schedule.Reset();
            MotionServerTelemetry.RecordPooled(-1);
            return taken;
        }
    }

    /// <summary>Ends when the shelf is full; notes that this kind is wanted.</summary>
    /// <exception cref="MotionServerException">Connections cannot be opened.</exception>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public async Task FillAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Ask();
        }

        while (true)
        {
            Task change;
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_isClosed || stopping.IsCancellationRequested, typeof(MotionConnectionPool));
                if (_gaveUpFor is not null)
                {
                    ExceptionDispatchInfo.Throw(_gaveUpFor);
                }

                if (_ready.Count(IsHealthy) >= options.Size)
                {
                    return;
                }

                change = _change.Task;
            }

            await change.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task KeepAsync()
    {
        try
        {
            while (!stopping.IsCancellationRequested && !IsUnused())
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

    private static async Task DiscardAsync(IEnumerable<(ReadyConnection Ready, string Reason)> connections) =>
        await Task.WhenAll(connections.Select(discarded =>
        {
            MotionServerTelemetry.RecordPooled(-1);
            MotionServerTelemetry.RecordPoolDiscard(discarded.Reason);
            return discarded.Ready.Connection.DisposeAsync().AsTask();
        })).ConfigureAwait(false);

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private async Task OpenOneAsync()
    {
        try
        {
            IMotionConnection opened = await connector.ConnectAsync(connection, stopping).ConfigureAwait(false);
            MotionServerTelemetry.RecordPooled(1);
            lock (_lock)
            {
                _ready.Add(new ReadyConnection(opened, time.GetTimestamp()));
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
        if (_schedule.TryNext(failure, out TimeSpan delay))
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
            events.AddRange(_ready.Select(ready => ready.Connection.Completion));
            left = options.IdleTimeout - time.GetElapsedTime(_askedAt);
            foreach (ReadyConnection ready in _ready)
            {
                left = Min(left, options.MaxAge - time.GetElapsedTime(ready.OpenedAt));
            }
        }

        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        events.Add(Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, over.Token));
        await Task.WhenAny(events).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
    }

    private async Task ClearAsync()
    {
        List<ReadyConnection> unhealthy;
        lock (_lock)
        {
            unhealthy = [.. _ready.Where(ready => !IsHealthy(ready))];
            _ready.RemoveAll(unhealthy.Contains);
        }

        // Looked at before they are closed, which ends them all.
        ReadyConnection early = unhealthy.Find(ready => (ready.HasEnded || ready.HasWord) && time.GetElapsedTime(ready.OpenedAt) < Settled);
        await DiscardAsync([.. unhealthy.Select(ready => (ready, ready.HasEnded ? "ended" : ready.HasWord ? "spoken_to" : "aged"))]).ConfigureAwait(false);
        if (early.Connection is not null)
        {
            await PauseAsync(early.WhyEnded()).ConfigureAwait(false);
        }
        else if (unhealthy.Count > 0)
        {
            _schedule.Reset();
        }
    }

    private async Task CloseAllAsync(string reason)
    {
        List<ReadyConnection> all;
        lock (_lock)
        {
            _isClosed = true;
            all = [.. _ready];
            _ready.Clear();
            Signal();
        }

        await DiscardAsync(all.Select(ready => (ready, reason))).ConfigureAwait(false);
    }

    private bool IsHealthy(ReadyConnection ready) =>
        !ready.HasEnded && !ready.HasWord && time.GetElapsedTime(ready.OpenedAt) < options.MaxAge;

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

    private bool IsUnused()
    {
        lock (_lock)
        {
            return time.GetElapsedTime(_askedAt) >= options.IdleTimeout;
        }
    }

    private void Ask()
    {
        _askedAt = time.GetTimestamp();
        _gaveUpFor = null;
        // Not before somebody asks: what it gave up for would be forgotten by the very first question.
        if (_keeping is null && !stopping.IsCancellationRequested)
        {
            _keeping = BackgroundTask.Run(KeepAsync);
        }

        Signal();
    }

    private void Signal()
    {
        _change.TrySetResult();
        _change = NewSignal();
    }
}
