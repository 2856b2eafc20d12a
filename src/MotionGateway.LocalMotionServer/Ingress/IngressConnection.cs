using System.Net.WebSockets;
using Google.Protobuf;
using MotionGateway.LocalMotion.Audio;
using MotionGateway.LocalMotion.Egress;
using MotionGateway.LocalMotion.Faults;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Ingress;

/// <summary>
/// One WebSocket connection, from its upgrade to its end. Four tasks: the receiver, the writer, the work on motion, and a watch for
/// time limits and shutdown. Whoever ends the connection goes through <see cref="EndAsync"/>, and only the first one counts.
/// </summary>
internal sealed partial class IngressConnection : IServedConnection, IDisposable
{
    private readonly WebSocket _socket;
    private readonly IngressContext _context;
    private readonly MessageReceiver _receiver;
    private readonly MessageSender _sender;
    private readonly SessionWatch _watch;
    private readonly CancellationToken _gone;
    private readonly CancellationTokenSource _life = new();

    private Fault? _fault;
    private TurnFault? _turnFault;
    private bool _isConfigured;
    private ClientMessageHandler? _handler;
    private EgressSession? _egress;
    private Task _working = Task.CompletedTask;
    private long _requests;
    private int _ending;

    /// <param name="socket">Just accepted.</param>
    /// <param name="avatarId">The avatar that motion is made for.</param>
    /// <param name="fault">How the connection misbehaves, if it does.</param>
    /// <param name="context">What all connections share.</param>
    /// <param name="stream">What the socket writes to, if that is known.</param>
    /// <param name="gone">The end of the TCP connection.</param>
    public IngressConnection(WebSocket socket, string avatarId, Fault? fault, IngressContext context, Stream? stream, CancellationToken gone)
    {
        _socket = socket;
        _fault = fault;
        _turnFault = fault is { Point: > FaultPoint.Handshake } ? new TurnFault(fault, this) : null;
        _context = context;
        _gone = gone;
        _receiver = new MessageReceiver(socket);
        _sender = new MessageSender(socket, context.Options, context.Logger, stream);
        _watch = new SessionWatch(context.Options);
        AvatarId = avatarId;
        Id = ConnectionId.New(context.Options.TimeProvider);
        OpenedAt = context.Options.TimeProvider.GetUtcNow();
    }

    public string Id { get; }

    public string AvatarId { get; }

    public string? FaultName => _fault?.Name;

    public DateTimeOffset OpenedAt { get; }

    /// <summary>Requests whose first audio has come.</summary>
    public long Requests => Interlocked.Read(ref _requests);

    public LocalMotionServerOptions Options => _context.Options;

    private bool IsEnding => Volatile.Read(ref _ending) != 0;

    /// <summary>Serves the connection to its end.</summary>
    /// <param name="refusal">What to tell the client right away, if it may not stay.</param>
    /// <param name="stopping">The server's end.</param>
    public async Task RunAsync(Ending? refusal, CancellationToken stopping)
    {
        IngressLog.Opened(_context.Logger, Id, AvatarId);
        Task<bool> writing = _sender.RunAsync();
        Task receiving = ReceiveAllAsync();
        Task watching = WatchAsync(stopping);
        try
        {
            if (refusal is not null)
            {
                await EndAsync(refusal);
            }

            if (await Task.WhenAny(receiving, writing) == receiving)
            {
                await (_fault?.Plan.IsCloseUnanswered == true ? HoldAsync() : Task.CompletedTask);
                await EndAsync(Ending.Close(WebSocketCloseStatus.NormalClosure, ""));
            }

            if (!await writing)
            {
                _socket.Abort();
            }

            await receiving.WaitAsync(Options.CloseTimeout, Options.TimeProvider, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            IngressLog.CloseTimedOut(_context.Logger, Id);
        }
        finally
        {
            _socket.Abort();
            await _life.CancelAsync();
            await CleanUpAsync(Task.WhenAll(writing, receiving, watching));
        }
    }

    public void Dispose()
    {
        _egress?.Dispose();
        _life.Dispose();
    }

    /// <summary>Ends the connection: the error first, if there is one, and then the close. Only the first call counts.</summary>
    public async ValueTask EndAsync(Ending ending)
    {
        if (Interlocked.Exchange(ref _ending, 1) != 0)
        {
            return;
        }

        IngressLog.Ending(_context.Logger, Id, ending.CloseCode, ending.Reason);
        await _life.CancelAsync();
        if (ending.Error is not null)
        {
            await SendErrorAsync(ending.Error);
        }

        await _sender.CloseAsync((WebSocketCloseStatus)ending.CloseCode, ending.Reason);
    }

    /// <summary>Does nothing until the client has gone or the connection is ended, by a time limit for example.</summary>
    public async Task HoldAsync()
    {
        using var until = CancellationTokenSource.CreateLinkedTokenSource(_life.Token, _gone);
        await Task.Delay(Timeout.InfiniteTimeSpan, until.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Cuts the TCP connection after what is queued.</summary>
    public ValueTask CutAsync() => _sender.CutAsync();

    public ValueTask SendAsync(IMessage message, CancellationToken cancellationToken) => _sender.SendAsync(message, cancellationToken);

    public ValueTask SendRawAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) => _sender.SendRawAsync(message, cancellationToken);

    public ValueTask SendTextAsync(ReadOnlyMemory<byte> text, CancellationToken cancellationToken) => _sender.SendTextAsync(text, cancellationToken);

    /// <summary>What every client waits for after its configuration.</summary>
    public Message Confirmation()
    {
        var confirm = new ServerConfirmSession { ConnectionId = Id, Capabilities = { _egress?.Capabilities ?? [] } };
        return new Message { Type = MessageType.MessageServerConfirmSession, ServerConfirmSession = confirm };
    }

    public ValueTask SendErrorAsync(ServerError error)
    {
        // A fault's error is told to many.
        ServerError told = error.Clone();
        told.ConnectionId = Id;
        return SendAsync(new Message { Type = MessageType.MessageServerError, ServerError = told }, CancellationToken.None);
    }

    /// <summary>Tells the watch that the connection is in use.</summary>
    /// <param name="ago">How long ago it was.</param>
    public void Touch(TimeSpan ago = default) => _watch.Touch(ago);

    private async Task CleanUpAsync(Task serving)
    {
        try
        {
            // The receiver begins the work, so that its end comes first.
            await serving;
        }
        finally
        {
            try
            {
                await _working;
            }
            finally
            {
                _egress?.Close();
                _handler?.Dispose();
                IngressLog.Closed(_context.Logger, Id);
            }
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

            if (IsEnding)
            {
                continue;
            }

            if (received.Kind == ReceivedKind.TooLong)
            {
                string text = FormattableString.Invariant($"message is longer than {MessageReceiver.MaxMessageBytes} bytes");
                await EndAsync(Ending.With(Refusals.InvalidArgument, (int)WebSocketCloseStatus.MessageTooBig, text));
            }
            else if (!_isConfigured)
            {
                _isConfigured = true;
                await ConfigureAsync(received);
            }
            else if (_handler is not null)
            {
                await _handler.HandleAsync(received);
            }
            else
            {
                // The fault left the client without a session.
                _context.Counters.MessageSkipped();
            }
        }
    }

    private async Task ConfigureAsync(ReceivedMessage received)
    {
        _watch.Configured();
        _context.Counters.MessageReceived();
        (SessionConfiguration? configuration, ServerError? error) = SessionConfiguration.Read(received, Options);
        if (configuration is null)
        {
            await EndAsync(new Ending(error, Refusals.CloseRequestAtFault, error!.Message));
            return;
        }

        var pipeline = new RequestPipeline(
            Options, configuration.SampleRate, _context.Counters, WriteSegmentAsync, OnStarted, OnTaken());
        _egress = EgressSession.Open(configuration, this, pipeline, _context.Egress);
        DropFaultThatNeedsMotion();
        _watch.LookAsync = _egress is null ? null : _egress.LookAsync;
        try
        {
            Aftermath after = await StrikeAtHandshakeAsync();
            if (after == Aftermath.Silent)
            {
                return;
            }

            if (after == Aftermath.GoesOn)
            {
                await SendAsync(Confirmation(), _life.Token);
            }

            _handler = new ClientMessageHandler(this, new AudioIntake(configuration, pipeline, _egress, Options), _context);
            _working = Task.WhenAll(WorkAsync(pipeline.RunAsync), WorkAsync(PayAsync), _egress is null ? Task.CompletedTask : WorkAsync(_egress.RunAsync));
            await (_turnFault?.BeginAsync(_life.Token) ?? ValueTask.CompletedTask);
        }
        catch (OperationCanceledException) when (IsEnding)
        {
            IngressLog.WorkStopped(_context.Logger, Id);
        }
    }

    /// <summary>Pays for the connection while it lasts, silence included, and ends it when nothing is left.</summary>
    private async Task PayAsync(CancellationToken cancellationToken)
    {
        while (_context.Credits.TrySpend())
        {
            await Task.Delay(_context.Credits.Period, Options.TimeProvider, cancellationToken);
        }

        await EndAsync(Ending.With(Refusals.CreditsExhausted, Refusals.CreditsExhausted, Refusals.NoCredits));
    }

    private async Task WorkAsync(Func<CancellationToken, Task> run)
    {
        try
        {
            await run(_life.Token);
        }
        catch (OperationCanceledException) when (_life.IsCancellationRequested)
        {
            IngressLog.WorkStopped(_context.Logger, Id);
        }
        catch (Exception exception)
        {
            IngressLog.WorkFailed(_context.Logger, exception, Id);
            await EndAsync(Ending.With(Refusals.Internal, (int)WebSocketCloseStatus.InternalServerError, "the work on a request failed"));
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
            IngressLog.WorkStopped(_context.Logger, Id);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await EndAsync(Ending.Close(WebSocketCloseStatus.EndpointUnavailable, "the server is stopping"));
        }
    }
}
