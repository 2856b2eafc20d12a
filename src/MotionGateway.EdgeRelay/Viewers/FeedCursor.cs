using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// Where a viewer is in a session: a cursor in the relay's window, or, until it has reached the window, a catch-up read at
/// the gateway. Each sequence comes from exactly one of them.
/// </summary>
internal sealed class FeedCursor : IAsyncDisposable
{
    private readonly SessionFeed _feed;
    private readonly int _windowBytes;
    private readonly AsyncSignal _wake;
    private readonly Lock _lock = new();
    private LogReader? _reader;
    private CatchUp? _catchUp;

    private FeedCursor(SessionFeed feed, int windowBytes, AsyncSignal wake)
    {
        _feed = feed;
        _windowBytes = windowBytes;
        _wake = wake;
    }

    /// <summary>Up to where the viewer has been sent the session's log.</summary>
    public LogPosition Position => _catchUp?.Position ?? _reader!.Position;

    /// <summary>Whether the session has ended and all of it has been read.</summary>
    public bool IsAtEnd => _catchUp?.IsAtEnd ?? _reader!.IsAtEnd;

    /// <summary>Why nothing more can be read, once all that is there has been.</summary>
    public GatewayException? Fault => _catchUp is { } catchUp ? catchUp.Fault : _reader!.IsAtEnd ? _feed.Log.Fault : null;

    /// <summary>For how long media has waited for the viewer's acknowledgement.</summary>
    public TimeSpan BlockedFor
    {
        get
        {
            lock (_lock)
            {
                return _reader?.BlockedFor ?? TimeSpan.Zero;
            }
        }
    }

    /// <summary>Opens a cursor where a viewer asks to start.</summary>
    /// <param name="feed">The session's feed, which is open.</param>
    /// <param name="start">Where to start.</param>
    /// <param name="windowBytes">Bytes of media that the viewer is sent ahead of its acknowledgements.</param>
    /// <param name="catchUps">Opens a read at the gateway where the window does not go back so far.</param>
    /// <param name="wake">Set when there may be something to read.</param>
    /// <param name="cancellationToken">Ends the wait, and a catch-up read.</param>
    /// <exception cref="GatewayException">The position cannot be served.</exception>
    public static async Task<FeedCursor> OpenAsync(
        SessionFeed feed, StartFeed start, int windowBytes, CatchUps catchUps, AsyncSignal wake, CancellationToken cancellationToken)
    {
        var cursor = new FeedCursor(feed, start.WithoutAcknowledgements ? int.MaxValue : windowBytes, wake);
        cursor._reader = start.FromCase == StartFeed.FromOneofCase.Position
            ? await cursor.OpenAtPositionAsync(ReadPosition(start), cancellationToken)
            : await cursor.OpenByRuleAsync(start.Start, cancellationToken);
        if (cursor._reader is null)
        {
            var request = start.Clone();
            (request.SessionId, request.ViewerToken) = (feed.SessionId, "");
            cursor._catchUp = await catchUps.OpenAsync(request, wake, cancellationToken);
        }

        return cursor;
    }

    /// <summary>Takes what comes next.</summary>
    /// <param name="encoding">How the viewer gets it.</param>
    /// <param name="message">The message to send.</param>
    public bool TryRead(FeedEncoding encoding, out ReadOnlyMemory<byte> message)
    {
        message = default;
        if (_catchUp is { } catchUp)
        {
            if (!catchUp.TryTake(out var response))
            {
                return false;
            }

            message = encoding.Encode(response);
            return true;
        }

        if (!_reader!.TryRead(out var entry))
        {
            return false;
        }

        message = encoding.Encode(entry);
        return true;
    }

    /// <summary>Frees the viewer's window.</summary>
    /// <exception cref="GatewayException">The position was never sent.</exception>
    public void Acknowledge(LogPosition position)
    {
        lock (_lock)
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
    }

    /// <summary>Goes over from the catch-up read to the window as soon as the read has reached it.</summary>
    public async ValueTask TryJoinAsync()
    {
        // A window that has failed leads nowhere, and one that was opened after the session's end soon will; the read finds
        // its own end.
        if (_catchUp is not { HasSessionEnded: false } catchUp || _feed.Log.Fault is not null || !_feed.CanServe(catchUp.Position))
        {
            return;
        }

        try
        {
            var reader = _feed.Log.OpenReader(catchUp.Position, _windowBytes, _wake);
            lock (_lock)
            {
                (_reader, _catchUp) = (reader, null);
            }
        }
        catch (GatewayException exception) when (exception.Reason == ErrorReason.SequenceExpired)
        {
            // The window has moved on just now; the read follows it.
            return;
        }

        await catchUp.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _reader?.Dispose();
        if (_catchUp is { } catchUp)
        {
            await catchUp.DisposeAsync();
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
            ? _feed.Log.OpenReader(position, _windowBytes, _wake)
            : null;
    }

    /// <returns>Null when the window does not hold the start of the current turn.</returns>
    private async Task<LogReader?> OpenByRuleAsync(FeedStart start, CancellationToken cancellationToken)
    {
        var log = _feed.Log;
        if (start == FeedStart.Live)
        {
            await _feed.CaughtUp.WaitAsync(cancellationToken);
            return log.OpenReader(FeedStart.Live, _windowBytes, _wake);
        }

        if (_feed.CaughtUp.IsCompleted)
        {
            return log.HasWholeCurrentTurn ? log.OpenReader(FeedStart.CurrentTurn, _windowBytes, _wake) : null;
        }

        // The feed itself began at the current turn, just now.
        var started = (await _feed.Opened).Position;
        var begin = new LogPosition(started.Epoch, started.Sequence);
        return _feed.CanServe(begin) ? log.OpenReader(begin, _windowBytes, _wake) : null;
    }

    private static LogPosition ReadPosition(StartFeed start) => start.Position.Sequence >= 0
        ? new LogPosition(start.Position.Epoch, start.Position.Sequence)
        : throw new GatewayException(ErrorReason.InvalidRequest, "A sequence is counted from 0.") { Field = "start.position.sequence" };
}
