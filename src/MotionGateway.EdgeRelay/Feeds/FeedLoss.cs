using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// The loss of a session's feed: since when, whether viewers are told, and for how long the relay goes on trying. Thread-safe.
/// </summary>
/// <remarks>
/// Two things end a loss. For viewers it is over when the feed has stayed open for a moment. For the limit and the pauses
/// between attempts only what comes by the feed counts, or that it holds on: a path may accept each feed and break it.
/// </remarks>
/// <param name="limit">How long the relay goes on trying.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="changed">Called when viewers are to be told something else; must return at once.</param>
internal sealed class FeedLoss(TimeSpan limit, TimeProvider timeProvider, Action changed) : IDisposable
{
    // A loss that is shorter is not told, nor a return.
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(500);

    // A session may be silent: a feed that held on for so long is one.
    private static readonly TimeSpan HoldsOn = TimeSpan.FromSeconds(10);

    // Guards all below.
    private readonly Lock _lock = new();
    private ITimer? _timer;
    private long? _lostAt;
    private long? _gapAt;
    private long? _openedAt;
    private volatile bool _isAway;
    private volatile bool _isProved;

    /// <summary>Whether the gateway is away for this session, so that viewers are told.</summary>
    public bool IsAway => _isAway;

    /// <summary>How long the relay goes on trying; zero when it gives up.</summary>
    public TimeSpan TimeLeft
    {
        get
        {
            lock (_lock)
            {
                var left = _lostAt is { } since ? limit - timeProvider.GetElapsedTime(since) : limit;
                return left > TimeSpan.Zero ? left : TimeSpan.Zero;
            }
        }
    }

    /// <summary>What a viewer is told.</summary>
    /// <param name="isAway">Whether that the gateway is away, else that it is back.</param>
    public SubscribeResponse CreateNotice(bool isAway) => isAway
        ? new SubscribeResponse { GatewayAway = new GatewayAway { LimitMs = (int)TimeLeft.TotalMilliseconds } }
        : new SubscribeResponse { GatewayBack = new GatewayBack() };

    /// <summary>The feed was lost, or could not be opened again.</summary>
    /// <returns>Whether it had held on: what went before counts no longer.</returns>
    public bool Lose()
    {
        bool hadHeldOn;
        lock (_lock)
        {
            hadHeldOn = _isProved || HasLasted(_openedAt, HoldsOn);
            if (hadHeldOn)
            {
                _lostAt = null;
            }

            if (_isProved || HasLasted(_openedAt, Moment))
            {
                _gapAt = null;
            }

            long now = timeProvider.GetTimestamp();
            (_openedAt, _isProved) = (null, false);
            _lostAt ??= now;
            _gapAt ??= now;
            SetTimerLocked(Moment - timeProvider.GetElapsedTime(_gapAt.Value));
        }

        return hadHeldOn;
    }

    /// <summary>The feed is open.</summary>
    public void Open()
    {
        lock (_lock)
        {
            _openedAt = timeProvider.GetTimestamp();
            if (_gapAt is not null)
            {
                SetTimerLocked(Moment);
            }
        }
    }

    /// <summary>Something of the session's log has come by the feed.</summary>
    public void Prove()
    {
        if (_isProved)
        {
            return;
        }

        lock (_lock)
        {
            (_lostAt, _gapAt, _isProved) = (null, null, true);
            SetAwayLocked(false);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _timer?.Dispose();
        }
    }

    private void SetTimerLocked(TimeSpan due)
    {
        _timer ??= timeProvider.CreateTimer(
            static loss => ((FeedLoss)loss!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(due > TimeSpan.Zero ? due : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
        lock (_lock)
        {
            if ((_openedAt ?? _gapAt) is not { } since || _gapAt is null)
            {
                return;
            }

            var rest = Moment - timeProvider.GetElapsedTime(since);
            if (rest > TimeSpan.Zero)
            {
                // Set for what has changed since.
                SetTimerLocked(rest);
                return;
            }

            bool isOpen = _openedAt is not null;
            _gapAt = isOpen ? null : _gapAt;
            SetAwayLocked(!isOpen);
        }
    }

    private bool HasLasted(long? since, TimeSpan time) => since is { } began && timeProvider.GetElapsedTime(began) >= time;

    private void SetAwayLocked(bool isAway)
    {
        if (_isAway != isAway)
        {
            _isAway = isAway;
            changed();
        }
    }
}
