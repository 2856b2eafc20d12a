using System.Diagnostics;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>
/// One avatar conversation: its state machine, its log, its supply of motion, its speaker and its readers. Thread-safe.
/// </summary>
[DebuggerDisplay("{Id}")]
public sealed partial class Session : IAsyncDisposable
{
    /// <summary>Names of turns remembered that were interrupted before their first audio; the latest ones.</summary>
    public const int MaxVoidTurns = VoidTurns.Most;

    // Guards everything below, the state machine and the supply's state included.
    private readonly Lock _lock = new();
    private readonly SessionCore _core;
    private readonly MotionSupply _supply;
    private readonly SessionHostServices _services;
    private readonly OwnContext _context;
    private readonly TimeProvider _timeProvider;
    private readonly LazyTimer _timer;
    private readonly List<AsyncSignal> _watchers = [];

    // What the caller sends may unfold: memory is counted as samples, credit as the caller counts.
    private readonly long _unfolded;
    private readonly long _ownCredit;
    private long _heldBytes;
    private long _closedAt;
    private long _awaitedWrite;
    private bool _isDisposed;

    internal Session(string id, SessionLog log, SessionSettings settings, SessionLimits limits, SessionHostServices services)
    {
        Id = id;
        Log = log;
        Settings = settings;
        Limits = limits;
        _unfolded = Math.Max(1, settings.SampleRate * sizeof(short) / settings.BytesPerSecond);
        _ownCredit = limits.AudioCreditBytes ?? 120 * settings.BytesPerSecond;
        _services = services;
        _context = services.Context.With(() => services.Events.Enter(id));
        _timeProvider = services.TimeProvider;
        CreateTime = _timeProvider.GetUtcNow();
        _detachedAt = _timeProvider.GetTimestamp();
        _core = new SessionCore(settings, limits, log, new Effects(this), CreditBytesLocked, _timeProvider);
        _supply = new MotionSupply(
            _lock, () => _core.Demand, services.Place.Legs, CreateLegOptions, new UpstreamSpeech(settings), new MotionOwner(this), _context, _timeProvider);
        _isPublishingTold = _core.IsPublishing;
        _timer = _context.Run(() => new LazyTimer(_timeProvider, OnTimer));
    }

    /// <summary>The id: no secret, and no key.</summary>
    public string Id { get; }

    /// <summary>What it was opened with.</summary>
    public SessionSettings Settings { get; }

    /// <summary>The app that it was opened under, as it was then.</summary>
    public SessionApp App => _services.Place.App;

    /// <summary>The bounds that apply.</summary>
    public SessionLimits Limits { get; }

    /// <summary>Optional features of the Motion Server's connection that it was opened on.</summary>
    public IReadOnlyList<string> Capabilities { get; private set; } = [];

    /// <summary>When it was opened.</summary>
    public DateTimeOffset CreateTime { get; }

    /// <summary>What its viewers see.</summary>
    public SessionLog Log { get; }

    /// <summary>Bytes that may be unacknowledged at present.</summary>
    public long CreditBytes
    {
        get
        {
            lock (_lock)
            {
                return CreditBytesLocked();
            }
        }
    }

    /// <summary>Samples of the playing turn that have been heard; null when none plays.</summary>
    public long? HeardSamples
    {
        get
        {
            lock (_lock)
            {
                return _core.Turns.Playing?.Clock.Heard;
            }
        }
    }

    /// <summary>Whether it is closed.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_lock)
            {
                return _core.IsClosed;
            }
        }
    }

    /// <summary>Whether no turn of it is under way.</summary>
    public bool IsSilent
    {
        get
        {
            lock (_lock)
            {
                return _core.Turns.Active.Count == 0;
            }
        }
    }

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

    /// <summary>A payload was written to a reader.</summary>
    /// <param name="sequence">Its sequence.</param>
    public void OnWritten(long sequence)
    {
        long awaited = Volatile.Read(ref _awaitedWrite);
        if (awaited == 0 || sequence < awaited)
        {
            return;
        }

        lock (_lock)
        {
            _awaitedWrite = 0;
            if (_core.Turns.Playing is { Times.FirstWrite: null } turn)
            {
                turn.Times.FirstWrite = _timeProvider.GetTimestamp();
            }
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
            return SessionSnapshot.Create(this, _core, state, _supply.ConnectionId);
        }
    }

    /// <summary>Counts a reader among those of the app until the result is disposed.</summary>
    /// <param name="takesAPlace">It takes the place of an older one, which is about to go.</param>
    /// <exception cref="GatewayException">The app's sessions have as many as they may have.</exception>
    public IDisposable AddReader(bool takesAPlace) => _services.Place.AddReader(takesAPlace);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _core.Close(ErrorReason.ShuttingDown, "");
            Changed();
            _isDisposed = true;
            _services.Place.Budget.Add(-_heldBytes);
            _heldBytes = 0;
            Log.LetGo();
        }

        await _timer.DisposeAsync();
        try
        {
            await _supply.DisposeAsync();
        }
        finally
        {
            await _services.Place.LeaveAsync();
        }
    }

    /// <summary>Lets go of what has been in the log long enough, also where nothing is appended any more.</summary>
    internal void Trim()
    {
        lock (_lock)
        {
            Log.Trim();
            if (!_isDisposed)
            {
                CountBytes();
            }
        }
    }

    private void OnTimer()
    {
        using var wakes = WakeScope.Open();
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            if (DetachedDue() <= TimeSpan.Zero)
            {
                _core.Close(ErrorReason.SpeakerLost, "the speaker did not come back");
            }

            _core.Advance();
            Changed();
        }
    }

    // After every command: what is due is seen to, and whoever watches is woken.
    private void Changed()
    {
        if (_isDisposed)
        {
            return;
        }

        // First: what becomes due between this and what follows is done there, and what does not is timed here.
        if (Earliest(_core.NextDue(), DetachedDue(), _supply.NextDueLocked()) is { } due)
        {
            _timer.Set(due);
        }

        if (_core.IsParkDue)
        {
            _supply.ParkLocked();
        }

        _supply.NudgeLocked();
        _awaitedWrite = _core.Turns.Playing is { Times.FirstWrite: null } turn ? turn.FirstSequence : 0;
        CountBytes();
        TellSpeaker();
        foreach (var watcher in _watchers)
        {
            watcher.Set();
        }
    }

    private static TimeSpan? Earliest(params ReadOnlySpan<TimeSpan?> times)
    {
        TimeSpan? earliest = null;
        foreach (var time in times)
        {
            earliest = earliest <= time ? earliest : time ?? earliest;
        }

        return earliest;
    }

    private long CreditBytesLocked()
    {
        long samples = _services.Place.Budget.Limit(_ownCredit * _unfolded, 2L * Settings.SampleRate);
        return _unfolded == 1 ? samples : samples / _unfolded;
    }

    private void CountBytes()
    {
        long held = _core.HeldBytes + Log.Bytes;
        _services.Place.Budget.Add(held - _heldBytes);
        _heldBytes = held;
    }
}
