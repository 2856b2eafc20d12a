using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer;

/// <summary>One response of the avatar; see <see cref="IMotionRequest"/>. Made by <see cref="RequestTable"/>.</summary>
internal sealed class MotionRequest : IMotionRequest
{
    private readonly MotionConnection _connection;
    private int _unansweredControls;

    public MotionRequest(string id, MotionConnection connection, ConnectionContext context, Reception reception)
    {
        Id = id;
        _connection = connection;
        Trace = new RequestTrace(context.Time, connection.ConnectionId, id, context.Peer);
        Inbox = new MotionInbox(
            reception, context.Connection, () => Failures.MotionTimedOut(reception.MotionTimeout!.Value, connection.ConnectionId, id, connection.Region));
        Speech = new RequestSpeech(id, context.Connection, Trace, Inbox.OnSent);
    }

    /// <inheritdoc/>
    public string Id { get; }

    public RequestSpeech Speech { get; }

    public MotionInbox Inbox { get; }

    public RequestTrace Trace { get; }

    /// <summary>Nothing more of it is taken. Guarded by the table's lock.</summary>
    public bool IsOver { get; set; }

    /// <summary>What playback signals have told of it, where they told anything. Guarded by the table's lock.</summary>
    public PlaybackState? Signalled { get; set; }

    /// <summary>Whether a playback state has told of it. Guarded by the table's lock.</summary>
    public bool HasState { get; set; }

    /// <inheritdoc/>
    public ValueTask SendAsync(ReadOnlyMemory<byte> audio, CancellationToken cancellationToken = default) => Speech.IsGivenUp
        ? ValueTask.FromException(new InvalidOperationException("The request was interrupted."))
        : _connection.SendAudioAsync(this, audio, isLast: false, cancellationToken);

    /// <inheritdoc/>
    public ValueTask EndAsync(CancellationToken cancellationToken = default) => Speech.IsGivenUp
        ? ValueTask.CompletedTask
        : _connection.SendAudioAsync(this, default, isLast: true, cancellationToken);

    /// <inheritdoc/>
    public ValueTask InterruptAsync(CancellationToken cancellationToken = default) => _connection.InterruptAsync(this, cancellationToken);

    /// <inheritdoc/>
    public ValueTask PauseAsync(CancellationToken cancellationToken = default) =>
        ControlPlaybackAsync(MessageType.MessageClientPause, Message.ClientPauseFieldNumber, cancellationToken);

    /// <inheritdoc/>
    public ValueTask ResumeAsync(CancellationToken cancellationToken = default) =>
        ControlPlaybackAsync(MessageType.MessageClientResume, Message.ClientResumeFieldNumber, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<MotionMessage> ReadMotionAsync(CancellationToken cancellationToken = default) => _connection.HasEgress
        ? throw new InvalidOperationException("With egress no motion comes back over the connection: ReadPlaybackAsync tells what becomes of a request.")
        : Inbox.ReadAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connection.ReleaseAsync(this);

    /// <summary>A playback state has come.</summary>
    /// <returns>Whether it may answer a pause or a resume.</returns>
    public bool TakeAnswer()
    {
        if (Volatile.Read(ref _unansweredControls) == 0)
        {
            return false;
        }

        Interlocked.Decrement(ref _unansweredControls);
        return true;
    }

    private ValueTask ControlPlaybackAsync(MessageType type, int member, CancellationToken cancellationToken)
    {
        if (!_connection.HasEgress || !_connection.Capabilities.Contains(MotionCapabilities.PlaybackControl))
        {
            return ValueTask.FromException(Failures.NotPossible(
                $"This needs egress, and a Motion Server that has announced '{MotionCapabilities.PlaybackControl}' for the connection.", _connection.ConnectionId, Id));
        }

        Interlocked.Increment(ref _unansweredControls);
        return _connection.SendControlAsync(this, type, member, cancellationToken);
    }
}
