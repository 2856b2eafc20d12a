using MotionGateway.Feeds;
using MotionGateway.MotionServer;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>
/// One avatar conversation: its state machine, its log, its way to the Motion Server, its speaker and its readers.
/// Thread-safe.
/// </summary>
public sealed partial class Session : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly SessionCore _core;
    private readonly MotionLink _link;
    private readonly SessionMetrics _metrics;
    private readonly TimeProvider _timeProvider;
    private readonly ITimer _timer;
    private readonly List<AsyncSignal> _watchers = [];
    private SpeakerLease? _lease;
    private string _resumeToken = "";
    private long _detachedAt;
    private long _closedAt;
    private bool _isDisposed;

    internal Session(
        string id, uint epoch, SessionSettings settings, SessionLimits limits, IMotionConnector connector,
        IMotionConnection connection, MotionConnectionOptions connectionOptions, SessionMetrics metrics, TimeProvider timeProvider)
    {
        Id = id;
        Settings = settings;
        Limits = limits;
        Capabilities = [.. connection.Capabilities];
        CreateTime = timeProvider.GetUtcNow();
        Log = new SessionLog(new LogPosition(epoch, 0), limits.Log, timeProvider);
        _metrics = metrics;
        _timeProvider = timeProvider;
        _detachedAt = timeProvider.GetTimestamp();
        _link = new MotionLink(connector, connection, connectionOptions, new LinkOwner(this));
        _core = new SessionCore(
            settings, limits, Log, new Effects(this), timeProvider, () => RequestIds.Create(timeProvider));
        _timer = timeProvider.CreateTimer(
            static session => ((Session)session!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _link.Start();
    }

    /// <summary>The id: no secret, and no key.</summary>
    public string Id { get; }

    /// <summary>What it was opened with.</summary>
    public SessionSettings Settings { get; }

    /// <summary>The bounds that apply.</summary>
    public SessionLimits Limits { get; }

    /// <summary>Optional features of the Motion Server's connection that it was opened on.</summary>
    public IReadOnlyList<string> Capabilities { get; }

    /// <summary>When it was opened.</summary>
    public DateTimeOffset CreateTime { get; }

    /// <summary>What its viewers see.</summary>
    public SessionLog Log { get; }

    /// <summary>Whether it is closed and its log has been kept as long as it is to be.</summary>
    internal bool IsExpired
    {
        get
        {
            lock (_lock)
            {
                return _core.IsClosed && _timeProvider.GetElapsedTime(_closedAt) >= Limits.ClosedRetention;
            }
        }
    }

    /// <summary>Ends a turn, and every turn released after it, now.</summary>
    /// <param name="turnId">The turn; empty: the one that plays, else the one that will play next.</param>
    /// <param name="reason">For viewers.</param>
    /// <exception cref="GatewayException">The session is closed.</exception>
    public InterruptResult Interrupt(string turnId, string reason)
    {
        lock (_lock)
        {
            var result = _core.Interrupt(turnId, reason);
            Changed();
            return result;
        }
    }

    /// <summary>Says PCM as a turn of its own, whoever the speaker is.</summary>
    /// <returns>The turn's id.</returns>
    /// <exception cref="GatewayException">A turn is open, or a limit is met.</exception>
    public string Say(string turnId, ReadOnlyMemory<byte> samples)
    {
        lock (_lock)
        {
            try
            {
                for (int from = 0; from < samples.Length; from += Limits.MaxChunkBytes)
                {
                    int length = Math.Min(Limits.MaxChunkBytes, samples.Length - from);
                    _core.WriteAudio(turnId, samples.Slice(from, length), endTurn: from + length == samples.Length);
                }
            }
            catch (GatewayException) when (_core.OpenTurn?.Id == turnId)
            {
                // Refused part-way: the turn must not stay open for a speaker that never began it.
                _core.Interrupt(turnId, "incomplete");
                _core.EndTurn(turnId);
                throw;
            }
            finally
            {
                Changed();
            }

            return turnId;
        }
    }

    /// <summary>
    /// Something came from a viewer: an interrupt is done, the playback clock learns of its playback, and the speaker is
    /// told. A closed session takes no notice.
    /// </summary>
    public void ViewerEvent(ViewerEvent viewerEvent)
    {
        lock (_lock)
        {
            if (_core.IsClosed)
            {
                return;
            }

            if (viewerEvent.Interrupt is { } interrupt)
            {
                _core.Interrupt(interrupt.TurnId, interrupt.Reason);
            }
            else if (viewerEvent.Playback is { } report)
            {
                _core.ReportPlayback(report.TurnId, report.PlayedSamples);
            }

            Changed();

            _lease?.Speaker.OnViewerEvent(viewerEvent);
        }
    }

    /// <summary>Closes the session. A closed session stays closed.</summary>
    /// <param name="error">Unspecified when it is closed on request.</param>
    /// <param name="reason">For viewers.</param>
    public void Close(ErrorReason error, string reason)
    {
        lock (_lock)
        {
            _core.Close(error, reason);
            Changed();
        }
    }

    /// <summary>The session as it is now.</summary>
    public V1.Session Snapshot()
    {
        lock (_lock)
        {
            var state = _core.IsClosed
                ? SessionState.Closed
                : _lease is null ? SessionState.Detached : SessionState.Active;
            return SessionSnapshot.Create(this, _core, state, _link.ConnectionId);
        }
    }

    /// <summary>Sets a signal at every change until the result is disposed.</summary>
    public IDisposable Watch(AsyncSignal changed)
    {
        lock (_lock)
        {
            _watchers.Add(changed);
        }

        return new Watcher(this, changed);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            _core.Close(ErrorReason.ShuttingDown, "");
        }

        await _timer.DisposeAsync();
        await _link.DisposeAsync();
    }

    private void OnTimer()
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            if (_lease is null && !_core.IsClosed && _timeProvider.GetElapsedTime(_detachedAt) >= Limits.ResumeWindow)
            {
                _core.Close(ErrorReason.SpeakerLost, "the speaker did not come back");
            }

            _core.Advance();
            Changed();
        }
    }

    // After every command: the timer is set anew, and whoever watches is woken.
    private void Changed()
    {
        var due = _core.NextDue();
        if (_lease is null && !_core.IsClosed)
        {
            var window = Limits.ResumeWindow - _timeProvider.GetElapsedTime(_detachedAt);
            due = due is null || window < due ? window : due;
        }

        if (!_isDisposed)
        {
            // A timer fires a little early at times: a millisecond more spares a round.
            _timer.Change(
                due is { } time ? TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling(time.TotalMilliseconds))) : Timeout.InfiniteTimeSpan,
                Timeout.InfiniteTimeSpan);
        }

        foreach (var watcher in _watchers)
        {
            watcher.Set();
        }
    }

    private sealed class Watcher(Session session, AsyncSignal changed) : IDisposable
    {
        public void Dispose()
        {
            lock (session._lock)
            {
                session._watchers.Remove(changed);
            }
        }
    }
}
