using Google.Protobuf;
using MotionGateway.Feeds;
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
internal sealed partial class SessionFeed : IAsyncDisposable
{
    // A gateway that has just come back is found within.
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);

    private readonly GatewayFeeds _gateway;
    private readonly EdgeRelayOptions _options;
    private readonly RelayMetrics _metrics;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Backoff _backoff = new();
    private readonly TaskCompletionSource<FeedStarted> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _sharesLock = new();

    // One for each worker that has viewers of the session. Replaced under the lock, so that an append enumerates them without one.
    private volatile FeedShare[] _shares = [];
    private SessionLog? _log;
    private volatile bool _gatewayHasNoMore;
    private long _lastSequence;
    private TimeSpan _turnSilence;
    private int _windowBytes;
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
        CatchUpSlots = new SemaphoreSlim(options.MaxCatchUpsPerSession, options.MaxCatchUpsPerSession);
        Events = new EventLanes(options, metrics, timeProvider);
        Loss = new FeedLoss(options.GatewayLossLimit, timeProvider, WakeViewers);
    }

    public string SessionId { get; }

    /// <summary>What the gateway said about the session, once the feed is open.</summary>
    public Task<FeedStarted> Opened => _opened.Task;

    /// <summary>Completes when the window holds all that the gateway's log held when the feed was opened.</summary>
    public Task CaughtUp => _caughtUp.Task;

    /// <summary>The window of the session's log. To be used once <see cref="Opened"/> has completed.</summary>
    public SessionLog Log => _log ?? throw new InvalidOperationException("The feed is not open.");

    public EventLanes Events { get; }

    /// <summary>Whether the feed is lost at present.</summary>
    public FeedLoss Loss { get; }

    /// <summary>
    /// Whether the gateway's log was seen to go back no further than the window, while a turn was longer than both: who starts at
    /// that turn gets from the window what there is.
    /// </summary>
    public bool GatewayHasNoMore => _gatewayHasNoMore;

    /// <summary>Whether the feed cannot go on although its session may: the next viewer needs a new one.</summary>
    /// <remarks>True before any viewer can learn of it: one that is told to come again gets the new feed.</remarks>
    public bool IsBroken => _opened.Task.IsFaulted || _log?.Fault is not null;

    /// <summary>Whether the session has ended or the feed is broken.</summary>
    public bool IsOver => _following.IsCompleted;

    /// <summary>Measures how long an entry waited for a viewer, which is sent it now.</summary>
    public void MeasureLag(LogEntry entry)
    {
        if (_metrics.IsLagMeasured)
        {
            _metrics.ViewerLag(Log.GetAge(entry));
        }
    }

    /// <summary>Begins to follow the session. Called once.</summary>
    public Task Begin() => _following = FollowAsync(_stop.Token);

    /// <summary>The session's places among the reads that catch up.</summary>
    public SemaphoreSlim CatchUpSlots { get; }

    /// <summary>A worker's share of the session's viewers.</summary>
    public FeedShare GetShare(FanOutWorker worker)
    {
        lock (_sharesLock)
        {
            if (Array.Find(_shares, share => share.Worker == worker) is { } known)
            {
                return known;
            }

            var share = new FeedShare(worker);
            _shares = [.. _shares, share];
            return share;
        }
    }

    /// <summary>Whether the window holds what comes after a position.</summary>
    public bool CanServe(LogPosition position)
    {
        var end = Log.End;
        long first = Log.Available?.From ?? end.Sequence + 1;
        return position.Epoch == end.Epoch && position.Sequence + 1 >= first && position.Sequence <= end.Sequence;
    }

    /// <summary>The gateway has told where its log begins at present.</summary>
    /// <param name="firstSequence">The first sequence that it has.</param>
    public void NoteGatewayBegin(long firstSequence) => _gatewayHasNoMore = Log.Available is { } window && firstSequence >= window.From;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following;
        _log?.LetGo();
        Loss.Dispose();
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

        Loss.Prove();
        _log.Append(response.Span);
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
                Loss.Prove();
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
        if (_log is not null && position != _log.End)
        {
            throw new GatewayException(ErrorReason.EpochChanged, "The session's log begins anew. Start again at the current turn.");
        }

        _windowBytes = started.WindowBytes;
        _turnSilence = FeedCall.GetTurnSilence(started, _options.PeerTimeout);
        Loss.Open();
        if (_log is not null)
        {
            return false;
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

    private void ServeViewers()
    {
        foreach (var share in _shares)
        {
            share.ServeAppended();
        }
    }

    private void WakeViewers()
    {
        foreach (var share in _shares)
        {
            share.Post();
        }
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
