using System.Net.WebSockets;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using MotionGateway.LocalMotion.Faults;
using MotionGateway.LocalMotion.Motion;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Ingress;

/// <summary>
/// One WebSocket connection, from its upgrade to its end. Four tasks: the receiver, the writer, the work on motion, and a watch for
/// silence and shutdown. Whoever ends the connection goes through <see cref="EndAsync"/>, and only the first one counts.
/// </summary>
internal sealed class IngressConnection : IDisposable
{
    private readonly WebSocket _socket;
    private readonly string _avatarId;
    private readonly Fault? _fault;
    private readonly LocalMotionServerOptions _options;
    private readonly LocalMotionServerCounters _counters;
    private readonly ILogger _logger;
    private readonly MessageReceiver _receiver;
    private readonly MessageSender _sender;
    private readonly SilenceWatch _silence;
    private readonly CancellationTokenSource _life = new();
    private readonly TaskCompletionSource _configured = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RequestPipeline? _pipeline;
    private Task _working = Task.CompletedTask;
    private int _ending;

    public IngressConnection(WebSocket socket, string avatarId, Fault? fault, LocalMotionServerOptions options, LocalMotionServerCounters counters, ILogger logger)
    {
        _socket = socket;
        _avatarId = avatarId;
        _fault = fault;
        _options = options;
        _counters = counters;
        _logger = logger;
        _receiver = new MessageReceiver(socket);
        _sender = new MessageSender(socket, options, logger);
        _silence = new SilenceWatch(options.IdleTimeout, options.TimeProvider);
        Id = ConnectionId.New(options.TimeProvider);
    }

    public string Id { get; }

    /// <summary>Set by a fault that strikes once a connection. Touched by the work on motion only.</summary>
    public bool FaultHasStruck { get; set; }

    private bool IsEnding => Volatile.Read(ref _ending) != 0;

    /// <summary>Serves the connection to its end.</summary>
    /// <param name="refusal">What to tell the client right away, if it has come too many.</param>
    /// <param name="stopping">The server's end.</param>
    public async Task RunAsync(ServerError? refusal, CancellationToken stopping)
    {
        IngressLog.Opened(_logger, Id, _avatarId);
        Task<bool> writing = _sender.RunAsync();
        Task receiving = ReceiveAllAsync();
        Task watching = WatchAsync(stopping);
        try
        {
            if (refusal is not null)
            {
                await EndAsync(refusal, refusal.Code, refusal.Message);
            }

            if (await Task.WhenAny(receiving, writing) == receiving)
            {
                await EndAsync(null, (int)WebSocketCloseStatus.NormalClosure, "");
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
            await Task.WhenAll(writing, receiving, watching, _working);
            IngressLog.Closed(_logger, Id);
        }
    }

    public void Dispose() => _life.Dispose();

    /// <summary>Ends the connection: the error first, if there is one, and then the close. Only the first call counts.</summary>
    public async ValueTask EndAsync(ServerError? error, int closeCode, string reason)
    {
        if (Interlocked.Exchange(ref _ending, 1) != 0)
        {
            return;
        }

        IngressLog.Ending(_logger, Id, closeCode, reason);
        await _life.CancelAsync();
        if (error is not null)
        {
            await SendErrorAsync(error);
        }

        await _sender.CloseAsync((WebSocketCloseStatus)closeCode, reason);
    }

    /// <summary>Cuts the TCP connection after what is queued.</summary>
    public ValueTask CutAsync() => _sender.CutAsync();

    public ValueTask SendRawAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) => _sender.SendRawAsync(message, cancellationToken);

    public ValueTask SendMotionAsync(ServerResponseAnimation animation, CancellationToken cancellationToken)
    {
        _silence.Touch();
        _counters.AnimationSent(animation.Animation.Keyframes.Count);
        var message = new Message { Type = MessageType.MessageServerResponseAnimation, ServerResponseAnimation = animation };
        return _sender.SendAsync(message, cancellationToken);
    }

    private ValueTask SendErrorAsync(ServerError error)
    {
        error.ConnectionId = Id;
        return _sender.SendAsync(new Message { Type = MessageType.MessageServerError, ServerError = error }, CancellationToken.None);
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

            if (IsEnding)
            {
                continue;
            }

            if (received.Kind == ReceivedKind.TooLong)
            {
                string text = FormattableString.Invariant($"message is longer than {MessageReceiver.MaxMessageBytes} bytes");
                await EndAsync(Refusals.Error(Refusals.InvalidArgument, text), (int)WebSocketCloseStatus.MessageTooBig, text);
            }
            else if (_pipeline is null && !_configured.Task.IsCompleted)
            {
                await ConfigureAsync(received);
            }
            else
            {
                await HandleAsync(received);
            }
        }
    }

    private async Task ConfigureAsync(ReceivedMessage received)
    {
        _configured.TrySetResult();
        _counters.MessageReceived();
        (int sampleRate, ServerError? error) = SessionConfiguration.Read(received);
        if (error is not null)
        {
            await EndAsync(error, Refusals.CloseRequestAtFault, error.Message);
            return;
        }

        try
        {
            if (_fault?.AtHandshake is { } strike)
            {
                await strike(this, _life.Token);
                return;
            }

            _pipeline = new RequestPipeline(_options, sampleRate, _counters, WriteSegmentAsync);
            _working = WorkAsync(_pipeline);
            var confirm = new ServerConfirmSession { ConnectionId = Id };
            await _sender.SendAsync(new Message { Type = MessageType.MessageServerConfirmSession, ServerConfirmSession = confirm }, _life.Token);
        }
        catch (OperationCanceledException) when (IsEnding)
        {
            IngressLog.WorkStopped(_logger, Id);
        }
    }

    private async Task HandleAsync(ReceivedMessage received)
    {
        if (received.Kind == ReceivedKind.Text)
        {
            _counters.MessageSkipped();
            return;
        }

        _counters.MessageReceived();
        Message message;
        try
        {
            message = Message.Parser.ParseFrom(received.Payload.Span);
        }
        catch (InvalidProtocolBufferException)
        {
            await ReportAsync(Refusals.InvalidArgument, "failed to unmarshal message");
            return;
        }

        switch (message.Type)
        {
            case MessageType.MessageClientAudioInput when message.ClientAudioInput is { ReqId.Length: > 0 } audio:
                await TakeAudioAsync(audio);
                break;
            case MessageType.MessageClientAudioInput:
                await ReportAsync(Refusals.InvalidArgument, "audio input without req_id");
                break;
            case MessageType.MessageClientInterrupt when message.ClientInterrupt is { } interrupt:
                _pipeline?.Interrupt(interrupt.ReqId);
                break;
            case MessageType.MessageClientPause or MessageType.MessageClientResume:
                await ReportAsync(Refusals.Unimplemented, "playback control is not available on this connection");
                break;
            default:
                _counters.MessageSkipped();
                break;
        }
    }

    private async ValueTask TakeAudioAsync(ClientAudioInput audio)
    {
        _silence.Touch();
        switch (_pipeline?.Accept(audio))
        {
            case AudioOutcome.TooManyRequests:
                await ReportAsync(Refusals.ResourceExhausted, "too many requests are open", audio.ReqId);
                break;
            case AudioOutcome.RequestTooLong:
                await ReportAsync(Refusals.ResourceExhausted, FormattableString.Invariant($"request is longer than {_options.MaxRequestDuration.TotalSeconds:0.###} s"), audio.ReqId);
                break;
            case AudioOutcome.BufferFull:
                const string Text = "too much audio is waiting for its motion";
                await EndAsync(Refusals.Error(Refusals.ResourceExhausted, Text, audio.ReqId), Refusals.CloseRequestAtFault, Text);
                break;
            case AudioOutcome.Taken:
                break;
            default:
                _counters.MessageSkipped();
                break;
        }
    }

    private ValueTask ReportAsync(int code, string text, string requestId = "")
    {
        _counters.MessageSkipped();
        IngressLog.Reported(_logger, Id, text);
        return SendErrorAsync(Refusals.Error(code, text, requestId));
    }

    private async Task WorkAsync(RequestPipeline pipeline)
    {
        try
        {
            await pipeline.RunAsync(_life.Token);
        }
        catch (OperationCanceledException) when (_life.IsCancellationRequested)
        {
            IngressLog.WorkStopped(_logger, Id);
        }
        catch (Exception exception)
        {
            IngressLog.WorkFailed(_logger, exception, Id);
            await EndAsync(Refusals.Error(Refusals.Internal, "work on motion failed"), (int)WebSocketCloseStatus.InternalServerError, "work on motion failed");
        }
    }

    private ValueTask WriteSegmentAsync(string requestId, MotionSegment segment, CancellationToken cancellationToken)
    {
        var animation = new ServerResponseAnimation
        {
            ConnectionId = Id,
            ReqId = requestId,
            End = segment.End,
            Animation = segment.Animation,
            AvatarId = _avatarId,
        };
        return _fault?.InTurn is { } strike ? strike(this, animation, cancellationToken) : SendMotionAsync(animation, cancellationToken);
    }

    /// <summary>Ends the connection when its configuration does not come, when it falls silent, or when the server stops.</summary>
    private async Task WatchAsync(CancellationToken stopping)
    {
        using var until = CancellationTokenSource.CreateLinkedTokenSource(stopping, _life.Token);
        try
        {
            await _configured.Task.WaitAsync(_options.HandshakeTimeout, _options.TimeProvider, until.Token);
            await _silence.WaitAsync(until.Token);
            string text = FormattableString.Invariant($"no audio input for {_options.IdleTimeout?.TotalSeconds:0.###} s");
            await EndAsync(Refusals.Error(Refusals.DeadlineExceeded, text), (int)WebSocketCloseStatus.NormalClosure, text);
        }
        catch (TimeoutException)
        {
            const string Text = "expected ClientConfigureSession message: none came in time";
            await EndAsync(Refusals.Error(Refusals.ProtocolViolation, Text), Refusals.CloseRequestAtFault, Text);
        }
        catch (OperationCanceledException) when (until.IsCancellationRequested)
        {
            await EndAsync(null, (int)WebSocketCloseStatus.EndpointUnavailable, "the server is stopping");
        }
    }
}
