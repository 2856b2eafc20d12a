using Google.Protobuf;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// One session, followed once for all its viewers: a live feed of the gateway, appended to a window of the session's log.
/// A lost feed is resumed by position; what cannot be resumed fails the window, so that viewers are told.
/// </summary>
/// <remarks>
/// It begins at the current turn whatever the first viewer asks for: then every turn that is open stands in the window
/// whole, and viewers that join or come back during it need no read of their own.
/// </remarks>
internal sealed class SessionFeed : IAsyncDisposable
{
    private readonly GatewayFeeds _gateway;
    private readonly EdgeRelayOptions _options;
    private readonly RelayMetrics _metrics;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Backoff _backoff = new();
    private readonly TaskCompletionSource<FeedStarted> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SessionLog? _log;
    private long _lastSequence;
    private long? _lostAt;
    private Task _following = Task.CompletedTask;

    public SessionFeed(
        string sessionId, GatewayFeeds gateway, EdgeRelayOptions options, RelayMetrics metrics, TimeProvider timeProvider,
        ILogger<SessionFeed> logger)
    {
        SessionId = sessionId;
        _gateway = gateway;
        _options = options;
        _metrics = metrics;
        _timeProvider = timeProvider;
        _logger = logger;
        Events = new EventLane(options.ViewerEventBytes);
    }

    public string SessionId { get; }

    /// <summary>What the gateway said about the session, once the feed is open.</summary>
    public Task<FeedStarted> Opened => _opened.Task;

    /// <summary>Completes when the window holds all that the gateway's log held when the feed was opened.</summary>
    public Task CaughtUp => _caughtUp.Task;

    /// <summary>The window of the session's log. To be used once <see cref="Opened"/> has completed.</summary>
    public SessionLog Log => _log ?? throw new InvalidOperationException("The feed is not open.");

    public EventLane Events { get; }

    /// <summary>Whether the feed cannot go on although its session may: the next viewer needs a new one.</summary>
    /// <remarks>True before any viewer can learn of it: one that is told to come again gets the new feed.</remarks>
    public bool IsBroken => _opened.Task.IsFaulted || _log?.Fault is not null;

    /// <summary>Whether the session has ended or the feed is broken.</summary>
    public bool IsOver => _following.IsCompleted;

    /// <summary>Begins to follow the session. Called once.</summary>
    public void Begin() => _following = FollowAsync(_stop.Token);

    /// <summary>Whether the window holds what comes after a position.</summary>
    public bool CanServe(LogPosition position)
    {
        var end = Log.End;
        long first = Log.Available?.From ?? end.Sequence + 1;
        return position.Epoch == end.Epoch && position.Sequence + 1 >= first && position.Sequence <= end.Sequence;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following;
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        // The caller holds a lock.
        await Task.Yield();
        _metrics.FeedBegan();
        SessionFeedLog.Began(_logger, SessionId);
        try
        {
            while (await FollowOnceAsync(cancellationToken) is { } failure)
            {
                if (!CanFollowAgain(failure))
                {
                    SessionFeedLog.Failed(_logger, SessionId, ErrorTable.GetName(failure.Reason), failure.Message);
                    End(failure);
                    break;
                }

                var pause = _backoff.Next(failure.RetryAfter);
                SessionFeedLog.Lost(_logger, SessionId, ErrorTable.GetName(failure.Reason), pause.TotalMilliseconds);
                await Task.Delay(pause, _timeProvider, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            End(new GatewayException(ErrorReason.ShuttingDown, "The relay no longer follows the session. Try again."));
        }
        catch (Exception exception)
        {
            SessionFeedLog.Broken(_logger, exception, SessionId);
            End(new GatewayException(ErrorReason.Internal, "The relay failed."));
        }
        finally
        {
            _caughtUp.TrySetResult();
            _metrics.FeedEnded();
            SessionFeedLog.Ended(_logger, SessionId);
        }
    }

    /// <returns>Why the feed ended; null when the session has.</returns>
    private async Task<GatewayException?> FollowOnceAsync(CancellationToken cancellationToken)
    {
        await using var call = _gateway.OpenLive(CreateStart(), Events, cancellationToken);
        try
        {
            while (await call.MoveNextAsync())
            {
                if (Accept(call.Current))
                {
                    call.Acknowledge(Log.End);
                }
            }

            // The gateway ends a feed by itself when all of the log has been read. Without the session's end in the window,
            // the session had ended before the feed began.
            return _log is { IsComplete: true } ? null : new GatewayException(ErrorReason.SessionClosed, "The session is closed.");
        }
        catch (GatewayException failure)
        {
            return failure;
        }
    }

    private StartFeed CreateStart()
    {
        var start = new StartFeed { SessionId = SessionId };
        if (_log is { } log)
        {
            start.Position = new Position { Epoch = log.Epoch, Sequence = log.End.Sequence };
        }
        else
        {
            start.Start = FeedStart.CurrentTurn;
        }

        return start;
    }

    /// <returns>Whether the window has grown.</returns>
    private bool Accept(ReadOnlyMemory<byte> response)
    {
        bool hasGrown = PayloadHeader.TryRead(response.Span, out var header)
            ? AcceptPayload(header.Epoch, header.Sequence, response)
            : AcceptOther(Parse(response));
        if (hasGrown && Log.End.Sequence >= _lastSequence)
        {
            _caughtUp.TrySetResult();
        }

        return hasGrown;
    }

    private bool AcceptPayload(uint epoch, long sequence, ReadOnlyMemory<byte> response)
    {
        if (_log is null)
        {
            throw new GatewayException(ErrorReason.Internal, "The gateway sent a payload before it opened the feed.");
        }

        // An owner that has been replaced may still be sending.
        if (epoch < _log.Epoch || (epoch == _log.Epoch && sequence <= _log.End.Sequence))
        {
            return false;
        }

        _log.Append(response);
        return true;
    }

    private bool AcceptOther(SubscribeResponse response)
    {
        switch (response.ResponseCase)
        {
            case SubscribeResponse.ResponseOneofCase.Started:
                return Open(response.Started);
            case SubscribeResponse.ResponseOneofCase.Skipped when _log is { } log && response.Skipped.Epoch == log.Epoch
                && response.Skipped.Range.Through > log.End.Sequence:
                log.DeclareSkipped(response.Skipped.Range.Through, response.Skipped.Reason);
                return true;
            case SubscribeResponse.ResponseOneofCase.Failure:
                throw new GatewayException(response.Failure.Reason, response.Failure.Message);
            default:
                return false;
        }
    }

    private bool Open(FeedStarted started)
    {
        var position = new LogPosition(started.Position.Epoch, started.Position.Sequence);
        _backoff.Reset();
        _lostAt = null;
        if (_log is not null)
        {
            return position == _log.End
                ? false
                : throw new GatewayException(ErrorReason.EpochChanged, "The session's log begins anew. Start again at the current turn.");
        }

        // Each viewer has one reader; one more may join before the one that it supersedes has left.
        var bounds = new SessionLogOptions
        {
            MaxBytes = _options.LogBytes,
            Retention = _options.LogRetention,
            MaxReaders = _options.MaxViewersPerSession * 2,
        };
        _log = new SessionLog(position, bounds, _timeProvider);
        _lastSequence = started.LastSequence;
        _opened.TrySetResult(started);
        if (position.Sequence >= _lastSequence)
        {
            _caughtUp.TrySetResult();
        }

        return false;
    }

    private bool CanFollowAgain(GatewayException failure)
    {
        if (_log is null || _log.IsComplete || GatewayFailures.EndsFeed(failure.Reason))
        {
            return false;
        }

        _metrics.GatewayLost(failure.Reason);
        _lostAt ??= _timeProvider.GetTimestamp();
        return _timeProvider.GetElapsedTime(_lostAt.Value) < _options.GatewayLossLimit;
    }

    private void End(GatewayException failure)
    {
        var told = GatewayFailures.ForViewers(failure);
        if (_opened.TrySetException(told))
        {
            // Observed here: a feed may fail when its viewers have left.
            _ = _opened.Task.Exception;
        }

        _log?.Fail(told);
    }

    private static SubscribeResponse Parse(ReadOnlyMemory<byte> response)
    {
        try
        {
            return SubscribeResponse.Parser.ParseFrom(response.Span);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new GatewayException(ErrorReason.Internal, $"The gateway sent no response of this protocol: {exception.Message}");
        }
    }
}
