using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// Where a viewer is in a session: a cursor in the relay's window, or, until it has reached the window, a catch-up read at
/// the gateway. Each sequence comes from exactly one of them. Used by whoever opens it, then by the viewer's worker.
/// </summary>
internal sealed class FeedCursor : IAsyncDisposable
{
    private readonly SessionFeed _feed;
    private readonly int _windowBytes;
    private readonly IReaderWake _wake;
    private LogReader? _reader;
    private CatchUp? _catchUp;
    private Task _catchUpEnd = Task.CompletedTask;

    // What came before the viewer did, it did not wait for.
    private readonly long _joinedAt;

    private FeedCursor(SessionFeed feed, int windowBytes, SlowReaderPolicy policy, IReaderWake wake)
    {
        _feed = feed;
        _windowBytes = windowBytes;
        Policy = policy == SlowReaderPolicy.Unspecified ? SlowReaderPolicy.Disconnect : policy;
        _wake = wake;
        _joinedAt = feed.Log.End.Sequence;
    }

    /// <summary>What happens when the viewer does not keep up; never unspecified.</summary>
    public SlowReaderPolicy Policy { get; }

    /// <summary>Up to where the viewer has been sent the session's log.</summary>
    public LogPosition Position => _catchUp?.Position ?? _reader!.Position;

    /// <summary>Whether all that can be read has been: the session has ended, or cannot be followed any more.</summary>
    public bool IsOver => _catchUp is { } catchUp ? catchUp.IsAtEnd || catchUp.Fault is not null : _reader!.IsAtEnd;

    /// <summary>Why nothing more can be read, where it is not the session's end.</summary>
    public GatewayException? Fault => _catchUp is { } catchUp ? catchUp.Fault : _reader!.IsAtEnd ? _feed.Log.Fault : null;

    /// <summary>For how long media has waited for the viewer, as its <see cref="LogReader"/> counts it; null when none waits.</summary>
    public TimeSpan? BlockedFor => _catchUp is { } catchUp ? catchUp.BlockedFor : _reader is { IsBlocked: true } reader ? reader.BlockedFor : null;

    /// <summary>Whether the viewer's next acknowledgement is to be told at once: media waits for it here, or may at the gateway.</summary>
    public bool NeedsAcknowledgement => _catchUp is not null || _reader is { IsBlocked: true };

    /// <summary>Whether a turn is under way for the viewer, so that silence is to be short: what it was not sent yet may be one.</summary>
    public bool IsTurnUnderWay => _catchUp is not null || _feed.Log.IsTurnUnderWay || _reader is { IsBlocked: true };

    /// <summary>Opens a cursor where a viewer asks to start.</summary>
    /// <param name="feed">The session's feed, which is open.</param>
    /// <param name="viewerId">Who starts.</param>
    /// <param name="start">Where to start.</param>
    /// <param name="windowBytes">Bytes of media that the viewer is sent ahead of its acknowledgements.</param>
    /// <param name="catchUps">Opens a read at the gateway where the window does not go back so far.</param>
    /// <param name="wake">Is told when the window may have something to read.</param>
    /// <param name="caughtUp">Called when the read at the gateway has something to take.</param>
    /// <param name="cancellationToken">Ends the wait, and a catch-up read.</param>
    /// <exception cref="GatewayException">The position cannot be served.</exception>
    public static async Task<FeedCursor> OpenAsync(
        SessionFeed feed, string viewerId, StartFeed start, int windowBytes, CatchUps catchUps, IReaderWake wake, Action caughtUp,
        CancellationToken cancellationToken)
    {
        var cursor = new FeedCursor(
            feed, start.WithoutAcknowledgements ? int.MaxValue : windowBytes, start.SlowReaderPolicy, wake);
        cursor._reader = start.FromCase == StartFeed.FromOneofCase.Position
            ? await cursor.OpenAtPositionAsync(ReadPosition(start), cancellationToken)
            : await cursor.OpenByRuleAsync(start.Start, cancellationToken);
        if (cursor._reader is null)
        {
            var request = start.Clone();
            (request.SessionId, request.ViewerToken) = (feed.SessionId, "");
            cursor._catchUp = await catchUps.OpenAsync(
                feed, viewerId, request, () => !cursor.TryOpenAtCurrentTurn(start), caughtUp, cancellationToken);
        }

        return cursor;
    }

    /// <summary>The entry of the window that was taken last, there until the next one is asked for; null where it came otherwise.</summary>
    public LogEntry? Current => _catchUp is null ? _reader?.Current : null;

    /// <summary>Takes what comes next. Where it is an entry, the message may be its bytes: see <see cref="Current"/>.</summary>
    /// <param name="format">How the viewer gets it.</param>
    /// <param name="message">The message to send.</param>
    public bool TryRead(IFeedFormat format, out ReadOnlyMemory<byte> message)
    {
        message = default;
        if (_catchUp is { } catchUp)
        {
            if (!catchUp.TryTake(out var response))
            {
                return false;
            }

            message = format.Encode(response);
            return true;
        }

        if (!_reader!.TryRead(out var entry))
        {
            return false;
        }

        if (entry.Sequence > _joinedAt)
        {
            _feed.MeasureLag(entry);
        }

        message = format.Encode(entry);
        return true;
    }

    /// <summary>Frees the viewer's window.</summary>
    /// <exception cref="GatewayException">The position was never sent.</exception>
    public void Acknowledge(LogPosition position)
    {
        if (_catchUp is { } catchUp)
        {
            catchUp.Acknowledge(position);
        }
        else
        {
            _reader!.Acknowledge(position);
        }
    }

    /// <summary>Media has waited for too long: leaves out what the policy says.</summary>
    /// <returns>False when it leaves out no more: the feed has to end.</returns>
    public bool TrySpare() => _catchUp is null && _reader!.TrySpare();

    /// <summary>Goes over from the catch-up read to the window as soon as the read has reached it.</summary>
    public void TryJoin()
    {
        // A window that has failed leads nowhere, and one that was opened after the session's end soon will; the read finds
        // its own end. What the gateway leaves out of a turn, the window would bring back.
        if (_catchUp is not { HasSessionEnded: false, IsSpared: false, IsIntroduced: true } catchUp || _feed.Log.Fault is not null || !_feed.CanServe(catchUp.Position))
        {
            return;
        }

        try
        {
            _reader = _feed.Log.OpenReader(catchUp.Position, _windowBytes, _wake, policy: Policy);
        }
        catch (GatewayException exception) when (exception.Reason == ErrorReason.SequenceExpired)
        {
            // The window has moved on just now; the read follows it.
            return;
        }

        EndCatchUp();
    }

    /// <summary>Gives the cursor up. What a read at the gateway still needs to end, <see cref="DisposeAsync"/> waits for.</summary>
    public void Dispose()
    {
        _reader?.Dispose();
        EndCatchUp();
    }

    public async ValueTask DisposeAsync()
    {
        Dispose();
        await _catchUpEnd;
    }

    private void EndCatchUp()
    {
        if (_catchUp is { } catchUp)
        {
            _catchUp = null;
            _catchUpEnd = Task.Run(async () => await catchUp.DisposeAsync());
        }
    }

    /// <returns>Null when the window does not go back so far.</returns>
    private async Task<LogReader?> OpenAtPositionAsync(LogPosition position, CancellationToken cancellationToken)
    {
        if (position.Epoch == _feed.Log.Epoch && position.Sequence > _feed.Log.End.Sequence)
        {
            await _feed.CaughtUp.WaitAsync(cancellationToken);
        }

        // Of another epoch: opening tells the viewer so.
        return position.Epoch != _feed.Log.Epoch || _feed.CanServe(position)
            ? _feed.Log.OpenReader(position, _windowBytes, _wake, policy: Policy)
            : null;
    }

    /// <returns>Null when the gateway is to be asked: it may have more of the current turn, and knows what is heard now.</returns>
    private async Task<LogReader?> OpenByRuleAsync(FeedStart start, CancellationToken cancellationToken)
    {
        var log = _feed.Log;
        if (start == FeedStart.Now)
        {
            return null;
        }

        if (start == FeedStart.Live)
        {
            await _feed.CaughtUp.WaitAsync(cancellationToken);
            return log.OpenReader(FeedStart.Live, _windowBytes, _wake, policy: Policy);
        }

        if (_feed.CaughtUp.IsCompleted)
        {
            return CanServeCurrentTurn ? log.OpenReader(FeedStart.CurrentTurn, _windowBytes, _wake, policy: Policy) : null;
        }

        // The feed itself began at the current turn, just now.
        var started = (await _feed.Opened).Position;
        var begin = new LogPosition(started.Epoch, started.Sequence);
        return _feed.CanServe(begin) ? log.OpenReader(begin, _windowBytes, _wake, policy: Policy) : null;
    }

    // Whether the window has of the current turn all that the gateway has.
    private bool CanServeCurrentTurn =>
        _feed.Log.HasWholeCurrentTurn || (_feed.GatewayHasNoMore && _feed.Log.CanIntroduceCurrentTurn);

    // While the viewer waited for its place, another's read may have shown that the window serves both.
    private bool TryOpenAtCurrentTurn(StartFeed start)
    {
        if (start.FromCase == StartFeed.FromOneofCase.Position || start.Start == FeedStart.Now || !CanServeCurrentTurn)
        {
            return false;
        }

        _reader = _feed.Log.OpenReader(FeedStart.CurrentTurn, _windowBytes, _wake, policy: Policy);
        return true;
    }

    private static LogPosition ReadPosition(StartFeed start) => start.Position.Sequence >= 0
        ? new LogPosition(start.Position.Epoch, start.Position.Sequence)
        : throw new GatewayException(ErrorReason.InvalidRequest, "A sequence is counted from 0.") { Field = "start.position.sequence" };
}
