using Microsoft.Extensions.Logging;

namespace MotionGateway.MotionServer;

/// <summary>
/// The ready connections of one kind. One task keeps the shelf full: it opens what is missing and closes what has ended, or has
/// waited for too long. It ends when nobody has asked for long enough, or the pool is disposed.
/// </summary>
internal sealed class ConnectionShelf(
    IMotionConnector connector, MotionConnectionOptions connection, MotionConnectionPoolOptions options, TimeProvider time, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly Queue<ReadyConnection> _ready = new();
    private readonly ReconnectSchedule _schedule = options.Reconnect.Start(time);
    private TaskCompletionSource _change = NewSignal();
    private long _askedAt = time.GetTimestamp();
    private bool _isGivenUp;
    private bool _isClosed;

    /// <summary>A ready connection in good health, or null; notes that this kind is wanted.</summary>
    public IMotionConnection? Take()
    {
        lock (_lock)
        {
            _askedAt = time.GetTimestamp();
            _isGivenUp = false;
            // The keeper closes those that are passed over.
            ReadyConnection? healthy = _ready.Where(IsHealthy).Select(ready => (ReadyConnection?)ready).FirstOrDefault();
            if (healthy is not null)
            {
                Remove(healthy.Value);
            }

            Signal();
            return healthy?.Connection;
        }
    }

    /// <summary>Ends when the shelf is full, or filling it has failed or ended.</summary>
    public async Task<bool> WaitUntilFullAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task change;
            lock (_lock)
            {
                if (_isClosed || _isGivenUp || _ready.Count(IsHealthy) >= options.Size)
                {
                    return !_isClosed && !_isGivenUp;
                }

                change = _change.Task;
            }

            await change.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Keeps the shelf full until nobody asks any more.</summary>
    /// <param name="stopping">Ends it; connections on the shelf are closed.</param>
    public async Task KeepAsync(CancellationToken stopping)
    {
        try
        {
            while (!stopping.IsCancellationRequested && !IsUnused())
            {
                await ClearAsync().ConfigureAwait(false);
                if (WantsMore())
                {
                    await FillOneAsync(stopping).ConfigureAwait(false);
                }
                else
                {
                    await WaitForWorkAsync(stopping).ConfigureAwait(false);
                }
            }
        }
        catch (Exception exception) when (exception is ObjectDisposedException || (exception is OperationCanceledException && stopping.IsCancellationRequested))
        {
            // The pool is being disposed, or the connector was, before it.
        }
        finally
        {
            await CloseAllAsync(stopping.IsCancellationRequested ? "disposed" : "unused").ConfigureAwait(false);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task FillOneAsync(CancellationToken stopping)
    {
        TimeSpan delay;
        try
        {
            IMotionConnection opened = await connector.ConnectAsync(connection, stopping).ConfigureAwait(false);
            MotionServerTelemetry.RecordPooled(1);
            lock (_lock)
            {
                _schedule.Reset();
                _ready.Enqueue(new ReadyConnection(opened, time.GetTimestamp()));
                Signal();
            }

            return;
        }
        catch (MotionServerException failure)
        {
            if (!_schedule.TryNext(failure, out delay))
            {
                logger.PoolGaveUp(connection.AvatarId, failure.Code.ToStableName());
                lock (_lock)
                {
                    _schedule.Reset();
                    _isGivenUp = true;
                    Signal();
                }

                return;
            }
        }

        await Task.Delay(delay, time, stopping).ConfigureAwait(false);
    }

    // Woken by a use, by a connection that ends on the shelf, and when the next one is too old or nobody has asked for too long.
    private async Task WaitForWorkAsync(CancellationToken stopping)
    {
        List<Task> events = [];
        TimeSpan left;
        lock (_lock)
        {
            events.Add(_change.Task);
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
            unhealthy.ForEach(Remove);
        }

        foreach (ReadyConnection ready in unhealthy)
        {
            await DiscardAsync(ready, ready.Connection.Completion.IsCompleted ? "ended" : "aged").ConfigureAwait(false);
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

        foreach (ReadyConnection ready in all)
        {
            MotionServerTelemetry.RecordPooled(-1);
            await DiscardAsync(ready, reason).ConfigureAwait(false);
        }
    }

    private static async Task DiscardAsync(ReadyConnection ready, string reason)
    {
        MotionServerTelemetry.RecordPoolDiscard(reason);
        await ready.Connection.DisposeAsync().ConfigureAwait(false);
    }

    private void Remove(ReadyConnection gone)
    {
        int count = _ready.Count;
        for (int i = 0; i < count; i++)
        {
            ReadyConnection ready = _ready.Dequeue();
            if (ready != gone)
            {
                _ready.Enqueue(ready);
            }
        }

        MotionServerTelemetry.RecordPooled(-1);
    }

    private bool IsHealthy(ReadyConnection ready) =>
        !ready.Connection.Completion.IsCompleted && time.GetElapsedTime(ready.OpenedAt) < options.MaxAge;

    private bool WantsMore()
    {
        lock (_lock)
        {
            return !_isGivenUp && _ready.Count < options.Size;
        }
    }

    private bool IsUnused()
    {
        lock (_lock)
        {
            return time.GetElapsedTime(_askedAt) >= options.IdleTimeout;
        }
    }

    private void Signal()
    {
        _change.TrySetResult();
        _change = NewSignal();
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
