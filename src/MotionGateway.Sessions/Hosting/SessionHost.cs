using Microsoft.Extensions.Logging;
using MotionGateway.Feeds;
using MotionGateway.MotionServer;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>Opens sessions, and lets go of those that are over.</summary>
public sealed class SessionHost : IAsyncDisposable
{
    private static readonly TimeSpan RetryWhenFull = TimeSpan.FromSeconds(10);

    private readonly ISessionDirectory _directory;
    private readonly ISessionLogStore _logs;
    private readonly SessionMetrics _metrics;
    private readonly SessionEvents _events;
    private readonly OwnContext _context;
    private readonly TimeProvider _timeProvider;
    private readonly ByteBudget _budget;
    private readonly HostApps _apps;
    private readonly SessionSweeper _sweeper;

    // Guards the change to draining: a session is in the directory before it, so that it is ended with the others, or never.
    private readonly Lock _draining = new();
    private volatile SessionHostOptions _options;
    private int _open;
    private int _disposed;
    private volatile bool _isDraining;

    /// <summary>Creates a host.</summary>
    /// <param name="options">The apps, and the bounds.</param>
    /// <param name="directory">Where sessions live.</param>
    /// <param name="logs">Where their logs are kept.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="logger">Tells each session's life.</param>
    public SessionHost(
        SessionHostOptions options, ISessionDirectory directory, ISessionLogStore logs, TimeProvider timeProvider, ILogger<SessionHost> logger)
    {
        _options = options;
        _directory = directory;
        _logs = logs;
        _metrics = new SessionMetrics(timeProvider);
        _events = new SessionEvents(logger);
        _context = OwnContext.Capture();
        _timeProvider = timeProvider;
        _budget = new ByteBudget(options.TotalBytes);
        _apps = new HostApps(_budget, _metrics, _events, timeProvider);
        _metrics.Observe(() => _apps.Outages);
        Apply(options);
        TurnSpeech.WarmUp();
        _sweeper = new SessionSweeper(directory, () => _options.MaxSessions, LetGoAsync, _events, timeProvider);
    }

    /// <summary>Whether new sessions are taken: not while draining, nor when all places are taken.</summary>
    public bool IsReady => !_isDraining && Volatile.Read(ref _open) < _options.MaxSessions && _budget.MayOpen;

    /// <summary>Whether the Motion Server cannot be reached for an app, so that its new sessions are refused at once.</summary>
    public bool IsMotionServerOut => _apps.AnyIsOut;

    /// <summary>Bytes of all logs and all media that waits.</summary>
    public long HeldBytes => _budget.Held;

    /// <summary>
    /// Replaces apps and bounds from now on. Sessions that are open go on with what they were opened with, also where their app is no
    /// more; what is beyond a bound stays.
    /// </summary>
    /// <param name="options">The apps, and the bounds.</param>
    public void Apply(SessionHostOptions options)
    {
        _options = options;
        _budget.Most = options.TotalBytes;
        _metrics.Bound(options.MaxSessions, options.TotalBytes);
        _apps.Apply(options);
    }

    /// <summary>Opens a session. Its connection to the Motion Server is still to be made: <see cref="ConnectAsync"/>.</summary>
    /// <exception cref="GatewayException">
    /// A setting is invalid, there is no such app, it or the gateway has no place or memory left, its Motion Server cannot be reached, or the
    /// gateway shuts down.
    /// </exception>
    public async Task<Session> OpenAsync(SessionSettings settings, CancellationToken cancellationToken)
    {
        var options = _options;
        SessionSettingsRules.Validate(settings, options.Limits);
        var place = Admit(settings.App);
        var session = await CreateAsync(settings, place, options, cancellationToken);
        if (!TryAdd(session))
        {
            _metrics.Refused(ErrorReason.ShuttingDown, settings.App);
            await ForgetAsync(session, ErrorReason.ShuttingDown);
            throw ShutsDown();
        }

        return session;
    }

    /// <summary>Connects a new session to the Motion Server. A session that cannot be connected is gone.</summary>
    /// <exception cref="GatewayException">The Motion Server refuses, or cannot be reached.</exception>
    public async Task ConnectAsync(Session session, CancellationToken cancellationToken)
    {
        try
        {
            await session.StartAsync(cancellationToken);
            var settings = session.Settings;
            _metrics.Opened(settings.App);
            _events.Opened(session.Id, settings.AvatarId, settings.App, settings.Caller, settings.SampleRate);
        }
        catch (MotionServerException failure)
        {
            var reason = failure.ToReason();
            _metrics.Legs.Failed(reason);
            _metrics.Refused(reason, session.Settings.App);
            _events.NotOpened(session.Id, reason);
            await ForgetAsync(session, reason);
            throw new GatewayException(reason, failure.Message)
            {
                RetryAfter = failure.RetryAfter,
                Ids = new FailureIds { ConnectionId = failure.ConnectionId },
            };
        }
        catch (Exception exception) when (
            exception is OperationCanceledException or ObjectDisposedException && session.IsClosed && !cancellationToken.IsCancellationRequested)
        {
            // It was closed in the meantime, or let go of: that is its end, and no failure.
        }
        catch
        {
            await ForgetAsync(session, ErrorReason.SpeakerLost);
            throw;
        }
    }

    /// <summary>Opens no session any more, from before anybody is told that the gateway goes away.</summary>
    public void BeginDraining()
    {
        lock (_draining)
        {
            _isDraining = true;
        }
    }

    /// <summary>
    /// Ends all sessions: each when its speech has been heard, and all when the grace has passed. Their logs are complete then, so
    /// that every reader learns of it. No session is opened any more.
    /// </summary>
    /// <param name="grace">How long speech may go on.</param>
    /// <param name="cancellationToken">Ends them at once.</param>
    public async Task DrainAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        BeginDraining();
        var open = _directory.Owned.Where(session => !session.IsClosed).ToList();
        _events.Draining(open.Count, grace.TotalSeconds);
        _metrics.DrainBegan(open.Count);
        using var limit = new CancellationTokenSource(grace, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        bool[] heard = await Task.WhenAll(open.Select(session => EndWhenHeardAsync(session, either.Token)));
        foreach (var late in _directory.Owned)
        {
            late.Close(ErrorReason.ShuttingDown, "");
        }

        int cut = heard.Count(isHeard => !isHeard);
        _events.Drained(cut);
    }

    /// <summary>Closes all sessions and waits until they are gone.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        BeginDraining();
        await _sweeper.DisposeAsync();
        await Task.WhenAll(_directory.Owned.Select(session => LetGoAsync(session)));
        await _apps.CloseAsync();
        _metrics.Dispose();
    }

    private async Task<bool> EndWhenHeardAsync(Session session, CancellationToken cancellationToken)
    {
        var changed = new AsyncSignal();
        using var watching = session.Watch(changed);
        await using var registration = cancellationToken.UnsafeRegister(static signal => ((AsyncSignal)signal!).Set(), changed);
        while (!session.IsSilent && !cancellationToken.IsCancellationRequested)
        {
            await changed.WaitAsync();
        }

        bool isHeard = session.IsSilent;
        session.Close(ErrorReason.ShuttingDown, "");
        _metrics.Drained(isHeard);
        return isHeard;
    }

    private static GatewayException ShutsDown() => new(ErrorReason.ShuttingDown, "This gateway shuts down: call another.");

    private async Task<Session> CreateAsync(
        SessionSettings settings, AppPlace place, SessionHostOptions options, CancellationToken cancellationToken)
    {
        try
        {
            var (id, epoch) = await _directory.ClaimAsync(cancellationToken);
            var log = _logs.Create(id, new LogPosition(epoch, 0), options.Limits.Log);
            var services = new SessionHostServices(place, _metrics, _events, _context, OnClosed, options.ToMotionServer, _timeProvider);
            var session = new Session(id, log, settings with { Opus = options.Opus }, options.Limits.For(settings), services);
            _metrics.Began(settings.App);
            return session;
        }
        catch
        {
            Interlocked.Decrement(ref _open);
            await place.LeaveAsync();
            throw;
        }
    }

    private bool TryAdd(Session session)
    {
        lock (_draining)
        {
            if (!_isDraining)
            {
                _directory.Add(session);
            }

            return !_isDraining;
        }
    }

    /// <returns>The place in the app.</returns>
    private AppPlace Admit(string app)
    {
        if (_isDraining)
        {
            throw Refused(ShutsDown(), app);
        }

        try
        {
            if (Interlocked.Increment(ref _open) > _options.MaxSessions)
            {
                throw Full(ErrorReason.SessionLimit, $"{_options.MaxSessions} sessions are open, which is as many as may be.");
            }

            return _budget.MayOpen ? _apps.Enter(app) : throw Full(ErrorReason.MemoryLimit, "The sessions that are open use all memory that they may.");
        }
        catch (GatewayException refusal)
        {
            Interlocked.Decrement(ref _open);
            throw Refused(refusal, app);
        }
    }

    private static GatewayException Full(ErrorReason reason, string message) => new(reason, message) { RetryAfter = RetryWhenFull };

    // An app that is not there is counted under no name: callers could make up any number of them.
    private GatewayException Refused(GatewayException refusal, string app)
    {
        _metrics.Refused(refusal.Reason, refusal.Reason == ErrorReason.AppNotFound ? "" : app);
        return refusal;
    }

    private void OnClosed(Session session)
    {
        Interlocked.Decrement(ref _open);
        _metrics.Ended(session.Settings.App);
        session.Settings.Place?.Dispose();
    }

    private async Task ForgetAsync(Session session, ErrorReason reason)
    {
        session.Close(reason, "");
        await LetGoAsync(session);
    }

    private async Task LetGoAsync(Session session)
    {
        _directory.Remove(session);
        try
        {
            await session.DisposeAsync();
        }
        catch (Exception defect)
        {
            // Others must not stay because of one.
            _events.Defect(defect, session.Id);
        }
    }
}
