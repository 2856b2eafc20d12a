using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using MotionGateway.LocalMotion.Ingress;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Cassettes;

/// <summary>One connection that is answered from a cassette.</summary>
internal sealed class ReplayConnection : IServedConnection, IDisposable
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
    private readonly SessionWatch _watch;
    private readonly CancellationTokenSource _life = new();
    private bool _isConfigured;
    private long _requests;
    private int _ending;

    public ReplayConnection(
        WebSocket socket, string avatarId, RecordedConnection recorded, LocalMotionServerOptions options, LocalMotionServerCounters counters, ILogger logger)
    {
        _socket = socket;
        _recorded = recorded;
        _options = options;
        _counters = counters;
        _logger = logger;
        _receiver = new MessageReceiver(socket);
        _sender = new MessageSender(socket, options, logger);
        _player = new ReplayPlayer(recorded, options, SendAsync, CountRequest);
        _watch = new SessionWatch(options);
        AvatarId = avatarId;
        Id = ConnectionId.New(options.TimeProvider);
        OpenedAt = options.TimeProvider.GetUtcNow();
    }

    public string Id { get; }

    public string AvatarId { get; }

    public DateTimeOffset OpenedAt { get; }

    public long Requests => Interlocked.Read(ref _requests);

    public string? FaultName => null;

    /// <summary>Serves the connection to its end.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        CassetteLog.Replaying(_logger, Id, _recorded.Number);
        Task<bool> writing = _sender.RunAsync();
        Task receiving = ReceiveAllAsync();
        Task watching = WatchAsync(stopping);
        Task playing = _player.RunAsync(_life.Token);
        try
        {
            if (await Task.WhenAny(receiving, writing) == receiving)
            {
                await EndAsync(Ending.Close(WebSocketCloseStatus.NormalClosure, ""));
            }

            if (!await writing)
            {
                _socket.Abort();
            }

            await receiving.WaitAsync(_options.CloseTimeout, _options.TimeProvider, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            IngressLog.CloseTimedOut(_logger, Id);
        }
        finally
        {
            _socket.Abort();
            await _life.CancelAsync();
            await Task.WhenAll(writing, receiving, watching, playing);
        }
    }

    public void Dispose() => _life.Dispose();

    private async ValueTask EndAsync(Ending ending)
    {
        if (Interlocked.Exchange(ref _ending, 1) != 0)
        {
            return;
        }

        await _life.CancelAsync();
        if (ending.Error is { } error)
        {
            error.ConnectionId = Id;
            await _sender.SendAsync(new Message { Type = MessageType.MessageServerError, ServerError = error }, CancellationToken.None);
        }

        await _sender.CloseAsync((WebSocketCloseStatus)ending.CloseCode, ending.Reason);
    }

    private void CountRequest()
    {
        Interlocked.Increment(ref _requests);
        _counters.RequestStarted();
    }

    private async ValueTask SendAsync(RecordedEvent recorded, string recordedRequestId, string liveRequestId)
    {
        _watch.Touch();
        switch (recorded.Kind)
        {
            case EventKind.Message:
                var ids = new LiveIds(_recorded.ConnectionId, Id, recordedRequestId, liveRequestId);
                await _sender.SendRawAsync(EnvelopeRewriter.Rewrite(recorded.Data, ids), CancellationToken.None);
                break;
            case EventKind.Text:
                await _sender.SendTextAsync(recorded.Data, CancellationToken.None);
                break;
            case EventKind.Close:
                await EndAsync(new Ending(null, recorded.Code, recorded.Reason));
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
                await EndAsync(Ending.Close(WebSocketCloseStatus.MessageTooBig, "message is too long"));
            }
            else if (received.Kind == ReceivedKind.Binary && MessageBytes.TryParse(received.Payload.Span) is { } message)
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

    private async ValueTask TakeAsync(Message message)
    {
        if (!_isConfigured)
        {
            _isConfigured = true;
            _watch.Configured();
            _watch.Touch();
            if (message.ClientConfigureSession is { } configuration && configuration.SampleRate != _recorded.SampleRate)
            {
                CassetteLog.OtherRate(_logger, Id, configuration.SampleRate, _recorded.SampleRate);
            }

            _player.Configured();
            return;
        }

        if (message.ClientAudioInput is not null)
        {
            _watch.Touch();
        }

        switch (message)
        {
            case { ClientAudioInput: { ReqId.Length: > 0 } audio } when !_player.Audio(audio):
                var error = new ServerError { ConnectionId = Id, ReqId = audio.ReqId, Code = NotFound, Message = "the cassette holds no request for this connection" };
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

    /// <summary>Ends the connection when one of its time limits is reached, or when the server stops.</summary>
    private async Task WatchAsync(CancellationToken stopping)
    {
        using var until = CancellationTokenSource.CreateLinkedTokenSource(stopping, _life.Token);
        try
        {
            await EndAsync(await _watch.WaitAsync(until.Token));
        }
        catch (OperationCanceledException) when (_life.IsCancellationRequested)
        {
            CassetteLog.ReplayStopped(_logger, Id);
        }
        catch (OperationCanceledException)
        {
            await EndAsync(Ending.Close(WebSocketCloseStatus.EndpointUnavailable, "the server is stopping"));
        }
    }
}
