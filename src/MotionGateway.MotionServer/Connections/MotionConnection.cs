using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer;

/// <summary>What every part of a connection needs. Its region is null for explicit URLs; of the server, host and port are told.</summary>
internal sealed record ConnectionContext(
    MotionServerOptions Options, MotionConnectionOptions Connection, Secrets Secrets, TimeProvider Time, ILogger Logger, string? Region, Uri? Server = null)
{
    /// <summary>Whom spans and measurements are about.</summary>
    public Peer Peer => new(Region, Server);
}

/// <summary>An open connection to the Motion Server; see <see cref="IMotionConnection"/>. Made by <see cref="MotionServerClient"/>.</summary>
internal sealed partial class MotionConnection : IMotionConnection
{
    private readonly WebSocket _socket;
    private readonly MessageAssembler _assembler;
    private readonly ConnectionContext _context;
    private readonly Action<MotionConnection> _onEnded;
    private readonly PlaybackInbox _playback = new();
    private readonly ReportHold _reports;
    private readonly RequestTable _requests;
    private readonly ReceiveLoop _receiver;
    private readonly Outbox _outbox;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    // Ends when nothing of the connection is left; never fails. It is there before the connection runs, for whoever closes that early.
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _tearDown = new();
    private readonly Lock _closeLock = new();

    private Task _running = Task.CompletedTask;
    private Task? _closing;
    private volatile bool _isClosing;
    private volatile bool _hasEnded;
    private MotionServerException? _verdict;
    private MotionServerException? _failure;

    public MotionConnection(
        WebSocket socket, MessageAssembler assembler, ServerConfirmSession confirmation, ConnectionContext context, Action<MotionConnection> onEnded)
    {
        (_socket, _assembler, _context, _onEnded) = (socket, assembler, context, onEnded);
        (ConnectionId, Capabilities) = (confirmation.ConnectionId, [.. confirmation.Capabilities]);
        _reports = new ReportHold(context.Time, context.Options.StepTimeout, Deliver);
        _requests = new RequestTable(this, context);
        _receiver = new ReceiveLoop(ConnectionId, assembler, _playback, _reports, _requests, context);
        _outbox = new Outbox(
            socket, new SendDeadline(context.Time, context.Options.SendTimeout, OnSendExpired), context.Options, context.Connection.OnStreamCompleted);
    }

    /// <inheritdoc/>
    public string ConnectionId { get; }

    /// <inheritdoc/>
    public string? Region => _context.Region;

    /// <inheritdoc/>
    public IReadOnlyList<string> Capabilities { get; }

    /// <inheritdoc/>
    public int UnreadableMessages => _receiver.UnreadableMessages;

    /// <inheritdoc/>
    public Task Completion => _completion.Task;

    /// <summary>Whether the server has said anything, which before any request can only be trouble.</summary>
    public bool HasWord => _receiver.HasWord;

    /// <summary>Whether the Motion Server publishes motion itself.</summary>
    public bool HasEgress => _context.Connection.Egress is not null;

    private bool IsOver => _hasEnded || _isClosing;

    /// <inheritdoc/>
    public IMotionRequest StartRequest(string? requestId = null)
    {
        if (requestId is not null)
        {
            ArgumentException.ThrowIfNullOrEmpty(requestId);
        }

        return IsOver ? throw Failures.SendAfterEnd(_failure, ConnectionId, requestId) : _requests.Start(requestId);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<PlaybackUpdate> ReadPlaybackAsync(CancellationToken cancellationToken = default) => _playback.ReadAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        Task closing;
        lock (_closeLock)
        {
            closing = _closing ??= CloseOnceAsync();
        }

        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static state => ((CancellationTokenSource)state!).Cancel(), _tearDown);
        await closing.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync(CancellationToken.None).ConfigureAwait(false);
        _requests.Clear();
    }

    /// <summary>Sends a request's audio.</summary>
    public ValueTask SendAudioAsync(MotionRequest request, ReadOnlyMemory<byte> audio, bool isLast, CancellationToken cancellationToken)
    {
        ValueTask send = IsOver ? Ended(request) : CheckAsync(_outbox.SendAudioAsync(request.Speech, audio, isLast, cancellationToken), request.Id);
        return isLast ? FinishSendingAsync(send, request) : send;
    }

    /// <summary>Sends a control about a request.</summary>
    public ValueTask SendControlAsync(MotionRequest request, MessageType type, int member, CancellationToken cancellationToken) =>
        IsOver ? Ended(request) : CheckAsync(_outbox.SendControlAsync(request.Speech, type, member, cancellationToken), request.Id);

    /// <summary>Stops a request, unless it is finished.</summary>
    public ValueTask InterruptAsync(MotionRequest request, CancellationToken cancellationToken)
    {
        if (_requests.IsOver(request) && !request.Speech.IsGivenUp)
        {
            return ValueTask.CompletedTask;
        }

        _requests.Abandon(request, RequestTrace.Interrupted);
        return IsOver ? Ended(request) : CheckAsync(_outbox.SendInterruptAsync(request.Speech, cancellationToken), request.Id);
    }

    /// <summary>Nobody holds a request any more: stops it, unless it is finished. Throws nothing.</summary>
    public async ValueTask ReleaseAsync(MotionRequest request)
    {
        bool isFinished = _requests.IsOver(request);
        // With egress, what is still to be played is told where playback is read.
        if (HasEgress && (isFinished || request.Speech.IsEnded))
        {
            return;
        }

        _requests.Abandon(request, RequestTrace.Interrupted);
        if (isFinished || IsOver)
        {
            return;
        }

        using CancellationTokenSource limit = new(_context.Options.CloseTimeout, _context.Time);
        try
        {
            // It ends by itself, and fails with a value only, which whoever closes the connection learns too.
            await _outbox.SendInterruptAsync(request.Speech, limit.Token).AsTask().WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // A peer that takes nothing is found out by the sends.
        }
    }

    private ValueTask Ended(MotionRequest request) => ValueTask.FromException(Failures.SendAfterEnd(_failure, ConnectionId, request.Id));

    private async ValueTask FinishSendingAsync(ValueTask send, MotionRequest request)
    {
        await send.ConfigureAwait(false);
        if (!request.Speech.IsBegun)
        {
            _requests.Finish(request);
        }
    }

    // Without an async method of its own where the send is over at once, which is nearly always.
    private ValueTask CheckAsync(ValueTask<Exception?> send, string requestId) => !send.IsCompletedSuccessfully ? AwaitAndCheckAsync(send, requestId)
        : send.Result is Exception cause ? new ValueTask(ThrowForSendAsync(cause, requestId))
        : ValueTask.CompletedTask;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AwaitAndCheckAsync(ValueTask<Exception?> send, string requestId)
    {
        if (await send.ConfigureAwait(false) is Exception cause)
        {
            await ThrowForSendAsync(cause, requestId).ConfigureAwait(false);
        }
    }

    private async Task ThrowForSendAsync(Exception cause, string requestId)
    {
        // The receiving half usually learns in the same moment why the connection ended, and knows more.
        try
        {
            await _finished.Task.WaitAsync(Goodbye.Limit, _context.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            GiveUp("The connection to the Motion Server takes no more messages.", cause);
            await _finished.Task.ConfigureAwait(false);
        }

        throw Failures.SendAfterEnd(_failure, ConnectionId, requestId);
    }

    private void OnSendExpired() => GiveUp($"The Motion Server did not take a message within {_context.Options.SendTimeout.TotalSeconds:0.###} seconds.");

    // The first verdict counts. Aborting ends the receiving half, which ends everything else.
    private void GiveUp(string message, Exception? cause = null)
    {
        Interlocked.CompareExchange(
            ref _verdict, Failures.GivenUp(MotionServerPhase.WebSocketSend, MotionServerErrorCode.ConnectionClosed, message, ConnectionId, cause), null);
        _socket.Abort();
    }
}
