using System.Diagnostics;
using System.Globalization;
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
        ConnectionEnd end = Judge(await _receiver.RunAsync().ConfigureAwait(false));
        _reports.Flush();
        end.Failure?.Region ??= Region;
        _failure = end.Failure;
        _hasEnded = true;
        _requests.Complete(end.Failure);
        // Who reads playback and was told by a report is not told again.
        _playback.Complete(HasEgress && end.IsDelivered ? null : end.Failure);

        bool isBreach = end.Failure?.Code == MotionServerErrorCode.ProtocolError;
        WebSocketCloseStatus status = isBreach ? WebSocketCloseStatus.ProtocolError : WebSocketCloseStatus.NormalClosure;
        if (await Goodbye.SayAsync(_socket, status, _context.Time).ConfigureAwait(false) is Exception exception)
        {
            _context.Logger.GoodbyeCutShort(ConnectionId, _context.Secrets.Mask(exception));
        }

        _socket.Dispose();
        _assembler.Dispose();
        _outbox.Dispose();
        MotionServerTelemetry.RecordEnded(_context.Time.GetElapsedTime(started), _context.Peer);
        Tell(end);
        _onEnded(this);
        _ = end.Failure is null ? _completion.TrySetResult() : _completion.TrySetException(end.Failure);
        // Looking at the exception here keeps a connection that nobody watches from raising UnobservedTaskException.
        _ = _completion.Task.Exception;
    }

    // With egress no motion comes: what becomes of a request is told where playback is read.
    private void Deliver(MotionServerException report)
    {
        MotionServerTelemetry.RecordError(report);
        _requests.Give(report);
        if (HasEgress)
        {
            _playback.Add(report);
        }
    }

    // What the server said counts for more than what this side concluded from its silence.
    private ConnectionEnd Judge(ConnectionEnd end) => _isClosing ? default
        : end.IsLost && Volatile.Read(ref _verdict) is MotionServerException verdict ? new ConnectionEnd(verdict)
        : end;

    private void Tell(ConnectionEnd end)
    {
        if (end.Failure is not MotionServerException failure)
        {
            _context.Logger.EndedNormally(ConnectionId);
            return;
        }

        _context.Logger.EndedByFailure(ConnectionId, failure.Code.ToStableName(), failure.Phase.ToStableName(), failure.CloseCode?.ToString(CultureInfo.InvariantCulture) ?? "none", failure.Message);
        if (!end.IsDelivered)
        {
            MotionServerTelemetry.RecordError(failure);
        }
    }

    private async Task CloseOnceAsync()
    {
        _isClosing = true;
        _requests.Complete(failure: null);
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
        using CancellationTokenSource limit = new(_context.Options.CloseTimeout, _context.Time);
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
            _context.Logger.GoodbyeCutShort(ConnectionId, _context.Secrets.Mask(exception));
            _socket.Abort();
        }

        MotionServerTelemetry.RecordStep("close", _context.Time.GetElapsedTime(started), errorType, _context.Peer);
    }
}

/// <summary>The closing frame of a side that does not wait for the other's.</summary>
internal static class Goodbye
{
    /// <summary>How long a peer that is already lost or at fault may take to accept the frame.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <summary>Sends a closing frame where one can still be sent.</summary>
    /// <returns>Null, or why it was not sent; nothing depends on it.</returns>
    public static async Task<Exception?> SayAsync(WebSocket socket, WebSocketCloseStatus status, TimeProvider time)
    {
        if (socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
        {
            return null;
        }

        try
        {
            using CancellationTokenSource limit = new(Limit, time);
            await socket.CloseOutputAsync(status, statusDescription: null, limit.Token).ConfigureAwait(false);
            return null;
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            return exception;
        }
    }
}
