namespace MotionGateway.MotionServer;

/// <summary>How the shelf is kept full.</summary>
internal sealed partial class ConnectionShelf
{
    // A connection that ends sooner is as good as one that was refused: opening the next at once would go on for ever.
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(10);

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
        Task closing;
        lock (_lock)
        {
            unusable = _ready.TakeUnusable();
            closing = _closing;
        }

        // Looked at before they are closed, which ends them all.
        ReadyConnection early = unusable.Select(removed => removed.Ready)
            .FirstOrDefault(ready => (ready.HasEnded || ready.HasWord) && time.GetElapsedTime(ready.OpenedAt) < Settled);
        await Task.WhenAll(closing, ReadyConnections.DiscardAsync(unusable)).ConfigureAwait(false);
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
        Task closing;
        lock (_lock)
        {
            _isClosed = true;
            closing = _closing;
            all = _ready.TakeAll(reason);
            Signal();
        }

        await Task.WhenAll(closing, ReadyConnections.DiscardAsync(all)).ConfigureAwait(false);
    }

    // Not while some are still closing, whose places the next may need; what set them aside has also woken the wait.
    private bool WantsMore()
    {
        lock (_lock)
        {
            return _gaveUpFor is null && _closing.IsCompleted && _ready.Count < options.Size;
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
}
