using System.Net.WebSockets;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using MotionGateway.LocalMotion.Ingress;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Cassettes;

/// <summary>One connection that is answered from a cassette.</summary>
internal sealed class ReplayConnection : IDisposable
{
    private const int NotFound = 5;

    private readonly WebSocket _socket;
    private readonly RecordedConnection _recorded;
    private readonly LocalMotionServerOptions _options;
    private readonly LocalMotionServerCounters _counters;
    private readonly ILogger _logger;
    private readonly MessageReceiver _receiver;
    private readonly MessageSender _sender;
    private readonly ReplayPlayer _player;
    private readonly string _id;
    private readonly CancellationTokenSource _life = new();
    private readonly TaskCompletionSource _configured = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _ending;

    public ReplayConnection(WebSocket socket, RecordedConnection recorded, LocalMotionServerOptions options, LocalMotionServerCounters counters, ILogger logger)
    {
        _socket = socket;
        _recorded = recorded;
        _options = options;
        _counters = counters;
        _logger = logger;
        _receiver = new MessageReceiver(socket);
        _sender = new MessageSender(socket, options, logger);
        _player = new ReplayPlayer(recorded, options, SendAsync);
        _id = ConnectionId.New(options.TimeProvider);
    }

    /// <summary>Serves the connection to its end.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        CassetteLog.Replaying(_logger, _id, _recorded.Number);
        Task<bool> writing = _sender.RunAsync();
        Task receiving = ReceiveAllAsync();
        Task watching = WatchAsync(stopping);
        Task playing = _player.RunAsync(_life.Token);
        try
        {
            if (await Task.WhenAny(receiving, writing) == receiving)
            {
                await EndAsync((int)WebSocketCloseStatus.NormalClosure, "");
            }

            if (!await writing)
            {
                _socket.Abort();
            }

            await receiving.WaitAsync(_options.CloseTimeout, _options.TimeProvider, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            IngressLog.CloseTimedOut(_logger, _id);
        }
        finally
        {
            _socket.Abort();
            await _life.CancelAsync();
            await Task.WhenAll(writing, receiving, watching, playing);
        }
    }

    public void Dispose() => _life.Dispose();

    private async ValueTask EndAsync(int closeCode, string reason)
    {
        if (Interlocked.Exchange(ref _ending, 1) == 0)
        {
            await _life.CancelAsync();
            await _sender.CloseAsync((WebSocketCloseStatus)closeCode, reason);
        }
    }

    private async ValueTask SendAsync(RecordedEvent recorded, string recordedRequestId, string liveRequestId)
    {
        switch (recorded.Kind)
        {
            case EventKind.Message:
                var ids = new LiveIds(_recorded.ConnectionId, _id, recordedRequestId, liveRequestId);
                await _sender.SendRawAsync(EnvelopeRewriter.Rewrite(recorded.Data, ids), CancellationToken.None);
                break;
            case EventKind.Text:
                await _sender.SendTextAsync(recorded.Data, CancellationToken.None);
                break;
            case EventKind.Close:
                await EndAsync(recorded.Code, recorded.Reason);
                break;
            default:
                await _life.CancelAsync();
                await _sender.CutAsync();
                break;
        }
    }

    private async Task ReceiveAllAsync()
    {
        while (true)
        {
            ReceivedMessage received = await _receiver.ReceiveAsync();
            if (received.Kind == ReceivedKind.Closed)
            {
                return;
            }

            if (received.Kind == ReceivedKind.TooLong)
            {
                await EndAsync((int)WebSocketCloseStatus.MessageTooBig, "message is too long");
            }
            else if (received.Kind == ReceivedKind.Binary && TryParse(received.Payload.Span) is { } message)
            {
                _counters.MessageReceived();
                await TakeAsync(message);
            }
            else
            {
                _counters.MessageSkipped();
            }
        }
    }

    private static Message? TryParse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Message.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            // Counted as skipped: a cassette has no answer to it.
            return null;
        }
    }

    private async ValueTask TakeAsync(Message message)
    {
        if (_configured.TrySetResult())
        {
            if (message.ClientConfigureSession is { } configuration && configuration.SampleRate != _recorded.SampleRate)
            {
                CassetteLog.OtherRate(_logger, _id, configuration.SampleRate, _recorded.SampleRate);
            }

            _player.Configured();
            return;
        }

        switch (message)
        {
            case { ClientAudioInput: { ReqId.Length: > 0 } audio } when !_player.Audio(audio):
                var error = new ServerError { ConnectionId = _id, ReqId = audio.ReqId, Code = NotFound, Message = "the cassette holds no request for this connection" };
                await _sender.SendAsync(new Message { Type = MessageType.MessageServerError, ServerError = error }, CancellationToken.None);
                break;
            case { ClientInterrupt: { } interrupt }:
                _player.Control(AnchorKind.Interrupt, interrupt.ReqId);
                break;
            case { ClientPause: { } pause }:
                _player.Control(AnchorKind.Pause, pause.ReqId);
                break;
            case { ClientResume: { } resume }:
                _player.Control(AnchorKind.Resume, resume.ReqId);
                break;
        }
    }

    /// <summary>Ends the connection when its configuration does not come, or when the server stops.</summary>
    private async Task WatchAsync(CancellationToken stopping)
    {
        using var until = CancellationTokenSource.CreateLinkedTokenSource(stopping, _life.Token);
        try
        {
            await _configured.Task.WaitAsync(_options.HandshakeTimeout, _options.TimeProvider, until.Token);
            await Task.Delay(Timeout.InfiniteTimeSpan, until.Token);
        }
        catch (TimeoutException)
        {
            await EndAsync(Refusals.CloseRequestAtFault, "expected ClientConfigureSession message: none came in time");
        }
        catch (OperationCanceledException) when (_life.IsCancellationRequested)
        {
            CassetteLog.ReplayStopped(_logger, _id);
        }
        catch (OperationCanceledException)
        {
            await EndAsync((int)WebSocketCloseStatus.EndpointUnavailable, "the server is stopping");
        }
    }
}
