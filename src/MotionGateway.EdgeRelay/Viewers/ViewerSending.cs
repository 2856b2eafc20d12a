using MotionGateway.Feeds;

namespace MotionGateway.EdgeRelay;

/// <summary>Sends to one viewer, a message at a time. Used by the viewer's worker.</summary>
internal sealed class ViewerSending : IAsyncDisposable
{
    private readonly Viewer _viewer;
    private readonly IViewerTransport _transport;
    private readonly IFeedFormat _format;
    private readonly ViewerDues _dues;
    private readonly ViewerServices _services;
    private Task _sending = Task.CompletedTask;

    // Cleared by what is being sent.
    private volatile bool _isBusy;

    public ViewerSending(
        Viewer viewer, IViewerTransport transport, IFeedFormat format, ViewerDues dues, TimeSpan now, ViewerServices services)
    {
        _viewer = viewer;
        _transport = transport;
        _format = format;
        _dues = dues;
        _services = services;
        SentAt = now;
    }

    /// <summary>Whether a message is being sent: the next one has to wait.</summary>
    public bool IsBusy => _isBusy;

    /// <summary>When something was sent last.</summary>
    public TimeSpan SentAt { get; private set; }

    /// <summary>Takes note of a message that the viewer has accepted meanwhile.</summary>
    public void TakeNote(TimeSpan now)
    {
        if (_dues.IsSet(ViewerDue.Write) && !_isBusy)
        {
            _dues.Clear(ViewerDue.Write);
            SentAt = now;
        }
    }

    /// <summary>Sends a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="entry">The entry whose bytes it may be; null where it is none of the window's.</param>
    /// <param name="now">The worker's time.</param>
    public void Send(ReadOnlyMemory<byte> message, LogEntry? entry, TimeSpan now)
    {
        SentAt = now;
        _services.Metrics.Sent(message.Length);
        var sending = _transport.TrySendAsync(message);
        if (!sending.IsCompletedSuccessfully)
        {
            // The socket may read the bytes until it is done, and the cursor be given up before. Until here the cursor holds them: it is
            // this worker's.
            entry?.Hold();
            _isBusy = true;
            _dues.Set(ViewerDue.Write, now + _services.Options.WriteTimeout);
            _sending = FinishAsync(sending, entry);
        }
        else if (!sending.Result)
        {
            _viewer.End();
        }
    }

    /// <summary>Tells the viewer why its feed ends, and closes.</summary>
    /// <param name="failure">Why; null for a normal end.</param>
    public void TellEnd(GatewayException? failure)
    {
        _isBusy = true;
        _sending = TellEndAsync(failure);
    }

    /// <summary>Drops the connection.</summary>
    public void Abort() => _transport.Abort();

    public async ValueTask DisposeAsync()
    {
        await _sending;
        _transport.Dispose();
    }

    private async Task FinishAsync(ValueTask<bool> sending, LogEntry? entry)
    {
        try
        {
            if (!await sending)
            {
                _viewer.End();
            }
        }
        catch (Exception exception)
        {
            _viewer.Break(exception);
        }
        finally
        {
            entry?.Release();
        }

        _isBusy = false;
        _viewer.Post();
    }

    private async Task TellEndAsync(GatewayException? failure)
    {
        try
        {
            await ViewerEnd.TellAsync(_viewer, failure, _transport, _format, _services);
        }
        catch (Exception exception)
        {
            ViewerLog.Broken(_services.Logger, exception, _viewer.SessionId);
            _transport.Abort();
        }

        _isBusy = false;
        _viewer.Post();
    }
}
