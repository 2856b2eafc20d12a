using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer;

/// <summary>An open connection to the Motion Server; see <see cref="IMotionConnection"/>. Made by <see cref="MotionServerClient"/>.</summary>
internal sealed partial class MotionConnection : IMotionConnection
{
    private readonly WebSocket _socket;
    private readonly MessageAssembler _assembler;
    private readonly ConnectionContext _context;
    private readonly Action<MotionConnection> _onEnded;
    private readonly MotionInbox _inbox;
    private readonly PlaybackInbox _playback = new();
    private readonly ReportHold _reports;
    private readonly RequestTracker _requests;
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

    /// <param name="socket">A WebSocket after the handshake; belongs to the connection from now on.</param>
    /// <param name="assembler">Its reader; belongs to the connection too.</param>
    /// <param name="confirmation">What the server confirmed.</param>
    /// <param name="context">Options, clock and log.</param>
    /// <param name="onEnded">Called once, at the end.</param>
    public MotionConnection(
        WebSocket socket, MessageAssembler assembler, ServerConfirmSession confirmation, ConnectionContext context, Action<MotionConnection> onEnded)
    {
        _socket = socket;
        _assembler = assembler;
        _context = context;
        _onEnded = onEnded;
        _inbox = new MotionInbox(context.Options.ReceiveBufferBytes);
        _reports = new ReportHold(context.Time, context.Options.StepTimeout, Deliver);
        ConnectionId = confirmation.ConnectionId;
        _requests = new RequestTracker(context.Time, ConnectionId, context.Connection.Egress is not null, context.Peer);
        _outbox = new Outbox(
            socket,
            new SendDeadline(context.Time, context.Options.SendTimeout, OnSendExpired),
            _requests,
            context.Connection.Audio.Encoder is { } encoder ? new SpeechEncoder(encoder, context.Connection.OnStreamCompleted, ConnectionId) : null,
            context.Options.PropagateTraceContext,
            context.Options.Buffers);
        Capabilities = [.. confirmation.Capabilities];
    }

    /// <inheritdoc/>
    public string ConnectionId { get; }

    /// <inheritdoc/>
    public string? Region => _context.Region;

    /// <inheritdoc/>
    public IReadOnlyList<string> Capabilities { get; }

    /// <inheritdoc/>
    public Task Completion => _completion.Task;

    /// <summary>Whether something has come that nobody has read yet, be it the end.</summary>
    // A report goes from the one to the other: asked in this order, none slips through between.
    public bool HasUnread => _reports.IsHolding || _inbox.HasUnread;

    /// <inheritdoc/>
    public ValueTask SendAudioAsync(string requestId, ReadOnlyMemory<byte> audio, bool isLast, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(requestId);
        if (_context.Connection.Audio.TakesPcm && audio.Length % MotionAudioFormat.BytesPerSample != 0)
        {
            throw new ArgumentException("Audio must be whole samples of 2 bytes.", nameof(audio));
        }

        return _hasEnded || _isClosing
            ? ValueTask.FromException(Failures.SendAfterEnd(_failure, ConnectionId, requestId))
            : CheckAsync(_outbox.SendAudioAsync(requestId, audio, isLast, cancellationToken), requestId);
    }

    /// <inheritdoc/>
    public ValueTask InterruptAsync(string requestId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(requestId);
        _requests.OnInterrupt(requestId);
        return SendControlAsync(MessageType.MessageClientInterrupt, Message.ClientInterruptFieldNumber, requestId, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask PauseAsync(string requestId, CancellationToken cancellationToken = default) =>
        ControlPlaybackAsync(MessageType.MessageClientPause, Message.ClientPauseFieldNumber, requestId, cancellationToken);

    /// <inheritdoc/>
    public ValueTask ResumeAsync(string requestId, CancellationToken cancellationToken = default) =>
        ControlPlaybackAsync(MessageType.MessageClientResume, Message.ClientResumeFieldNumber, requestId, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<MotionMessage> ReadMotionAsync(CancellationToken cancellationToken = default) => _inbox.ReadAsync(cancellationToken);

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
        _inbox.Clear();
    }

    private ValueTask ControlPlaybackAsync(MessageType type, int member, string requestId, CancellationToken cancellationToken) =>
        Capabilities.Contains(MotionCapabilities.PlaybackControl)
            ? SendControlAsync(type, member, requestId, cancellationToken)
            : ValueTask.FromException(Failures.NotCapable(MotionCapabilities.PlaybackControl, ConnectionId, requestId));

    private ValueTask SendControlAsync(MessageType type, int member, string requestId, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(requestId);
        return _hasEnded || _isClosing
            ? ValueTask.FromException(Failures.SendAfterEnd(_failure, ConnectionId, requestId))
            : CheckAsync(_outbox.SendControlAsync(type, member, requestId, cancellationToken), requestId);
    }

    // Without an async method of its own where the send is over at once, which is nearly always.
    private ValueTask CheckAsync(ValueTask<Exception?> send, string requestId)
    {
        if (!send.IsCompletedSuccessfully)
        {
            return AwaitAndCheckAsync(send, requestId);
        }

        return send.Result is Exception cause ? new ValueTask(ThrowForSendAsync(cause, requestId)) : ValueTask.CompletedTask;
    }

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
            GiveUp(Failures.GivenUp(
                MotionServerPhase.WebSocketSend, MotionServerErrorCode.ConnectionClosed, "The connection to the Motion Server takes no more messages.", ConnectionId, cause));
            await _finished.Task.ConfigureAwait(false);
        }

        throw Failures.SendAfterEnd(_failure, ConnectionId, requestId);
    }

    private void OnSendExpired() => GiveUp(Failures.GivenUp(
        MotionServerPhase.WebSocketSend,
        MotionServerErrorCode.ConnectionClosed,
        $"The Motion Server did not take a message within {_context.Options.SendTimeout.TotalSeconds:0.###} seconds.",
        ConnectionId));

    // The first verdict counts. Aborting ends the receiving half, which ends everything else.
    private void GiveUp(MotionServerException verdict)
    {
        Interlocked.CompareExchange(ref _verdict, verdict, null);
        _socket.Abort();
    }
}
