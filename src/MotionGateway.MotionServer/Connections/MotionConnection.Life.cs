using System.Diagnostics;
using System.Net.WebSockets;

namespace MotionGateway.MotionServer;

/// <summary>A connection's life: receiving to the end, and closing.</summary>
internal sealed partial class MotionConnection
{
    /// <summary>Begins to receive. Called once, by whoever made the connection.</summary>
    public void Start()
    {
        MotionServerTelemetry.RecordOpened(_context.Peer);
        _running = RunAsync();
    }

    private async Task RunAsync()
    {
        try
        {
            await RunToEndAsync().ConfigureAwait(false);
        }
        finally
        {
            _finished.SetResult();
        }
    }

    private async Task RunToEndAsync()
    {
        long started = _context.Time.GetTimestamp();
        ConnectionEnd end = await new ReceiveLoop(ConnectionId, _assembler, _inbox, _playback, _reports, _requests, _context).RunAsync().ConfigureAwait(false);
        _reports.Flush();
        end = Judge(end);
        end.Failure?.Region ??= Region;
        _failure = end.Failure;
        _hasEnded = true;
        CompleteReaders(end);
        _requests.OnConnectionEnded(end.Failure?.Code.ToStableName());

        WebSocketCloseStatus status = end.Failure?.Code == MotionServerErrorCode.ProtocolError
            ? WebSocketCloseStatus.ProtocolError
            : WebSocketCloseStatus.NormalClosure;
        if (await Goodbye.SayAsync(_socket, status, _context.Time).ConfigureAwait(false) is Exception exception)
        {
            _context.Logger.GoodbyeCutShort(ConnectionId, MaskedException.Of(exception, _context.Secrets));
        }

        _socket.Dispose();
        _assembler.Dispose();
        _outbox.Dispose();
        _reports.Dispose();
        Record(end, started);
        _onEnded(this);
        Complete(end.Failure);
    }

    // With egress no motion comes: what becomes of a request is told where playback is read.
    private void Deliver(MotionServerException report)
    {
        MotionServerTelemetry.RecordError(report);
        if (_context.Connection.Egress is null)
        {
            _inbox.Add(report);
        }
        else
        {
            _playback.Add(report);
        }
    }

    // Those who were told by a report are not told again.
    private void CompleteReaders(ConnectionEnd end)
    {
        MotionServerException? untold = end.IsDelivered ? null : end.Failure;
        bool isEgress = _context.Connection.Egress is not null;
        _inbox.Complete(isEgress ? end.Failure : untold);
        _playback.Complete(isEgress ? untold : end.Failure);
    }

    private ConnectionEnd Judge(ConnectionEnd end)
    {
        if (_isClosing)
        {
            return default;
        }

        // What the server said counts for more than what this side concluded from its silence.
        return end.IsLost && Volatile.Read(ref _verdict) is MotionServerException verdict ? new ConnectionEnd(verdict) : end;
    }

    private void Record(ConnectionEnd end, long started)
    {
        MotionServerTelemetry.RecordEnded(_context.Time.GetElapsedTime(started), _context.Peer);
        if (end.Failure is not MotionServerException failure)
        {
            _context.Logger.EndedNormally(ConnectionId);
            return;
        }

        _context.Logger.EndedByFailure(ConnectionId, failure.Code.ToStableName(), failure.Phase.ToStableName(), failure.CloseCode, failure.Message);
        if (!end.IsDelivered)
        {
            MotionServerTelemetry.RecordError(failure);
        }
    }

    private void Complete(MotionServerException? failure)
    {
        if (failure is null)
        {
            _completion.SetResult();
            return;
        }

        _completion.SetException(failure);
        // Looking at the exception here keeps a connection that nobody watches from raising UnobservedTaskException.
        _ = _completion.Task.Exception;
    }

    private async Task CloseOnceAsync()
    {
        _isClosing = true;
        _inbox.Complete(failure: null);
        if (!_hasEnded)
        {
            await SayGoodbyeAsync().ConfigureAwait(false);
        }

        await _finished.Task.ConfigureAwait(false);
        await _running.ConfigureAwait(false);
    }

    private async Task SayGoodbyeAsync()
    {
        using Activity? activity = MotionServerTelemetry.Source.StartActivity("motion_server close", ActivityKind.Client);
        _context.Peer.Describe(activity);
        using CancellationTokenSource limit = new(_context.Options.StepTimeout, _context.Time);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _tearDown.Token);
        long started = _context.Time.GetTimestamp();
        string? errorType = null;
        try
        {
            await _outbox.CloseAsync(linked.Token).ConfigureAwait(false);
            await _finished.Task.WaitAsync(linked.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            errorType = exception.GetType().FullName;
            activity?.SetTag(MotionServerTelemetry.ErrorType, errorType);
            activity?.SetStatus(ActivityStatusCode.Error);
            _context.Logger.GoodbyeCutShort(ConnectionId, MaskedException.Of(exception, _context.Secrets));
            _socket.Abort();
        }

        MotionServerTelemetry.RecordStep("close", _context.Time.GetElapsedTime(started), errorType, _context.Peer);
    }
}
