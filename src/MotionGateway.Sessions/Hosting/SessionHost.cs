using Microsoft.Extensions.Logging;
using MotionGateway.Feeds;
using MotionGateway.MotionServer;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>Opens sessions, and lets go of those that are over.</summary>
public sealed class SessionHost : IAsyncDisposable
{
    private static readonly TimeSpan RetryWhenFull = TimeSpan.FromSeconds(10);

    private readonly SessionHostOptions _options;
    private readonly ISessionDirectory _directory;
    private readonly ISessionLogStore _logs;
    private readonly SessionMetrics _metrics = new();
    private readonly MotionServerOutage _outage;
    private readonly SessionHostServices _services;
    private readonly SessionSweeper _sweeper;

    // Guards the change to draining: a session is in the directory before it, so that it is ended with the others, or never.
    private readonly Lock _draining = new();
    private int _open;
    private int _disposed;
    private volatile bool _isDraining;

    /// <summary>Creates a host.</summary>
    /// <param name="connector">Makes connections to the Motion Server.</param>
    /// <param name="options">The bounds.</param>
    /// <param name="directory">Where sessions live.</param>
    /// <param name="logs">Where their logs are kept.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="logger">Tells each session's life.</param>
    public SessionHost(
        IMotionConnector connector, SessionHostOptions options, ISessionDirectory directory, ISessionLogStore logs,
        TimeProvider timeProvider, ILogger<SessionHost> logger)
    {
        _options = options;
        _directory = directory;
        _logs = logs;
        var events = new SessionEvents(logger);
        _outage = new MotionServerOutage(connector, options.Outage, events, timeProvider);
        _metrics.Observe(_outage);
        var reconnector = new ReconnectingConnector(_outage, options.Reconnect, timeProvider);
        _services = new SessionHostServices(
            new LegSources(_outage, reconnector, options.ConnectionLifetime, _metrics, timeProvider),
            new ByteBudget(options.TotalBytes, _metrics), _metrics, events, OwnContext.Capture(), OnClosed,
            options.ToMotionServer, timeProvider);
        TurnSpeech.WarmUp();
        _sweeper = new SessionSweeper(directory, options.MaxSessions, LetGoAsync, _services.Events, timeProvider);
    }

    /// <summary>Whether new sessions are taken: not while draining, nor when all places are taken.</summary>
    public bool IsReady => !_isDraining && Volatile.Read(ref _open) < _options.MaxSessions && _services.Budget.MayOpen;

    /// <summary>Whether the Motion Server cannot be reached, so that new sessions are refused at once.</summary>
    public bool IsMotionServerOut => _outage.IsOut;

    /// <summary>Bytes of all logs and all media that waits.</summary>
    public long HeldBytes => _services.Budget.Held;

    /// <summary>Opens a session. Its connection to the Motion Server is still to be made: <see cref="ConnectAsync"/>.</summary>
    /// <exception cref="GatewayException">A setting is invalid, there is no place or memory left, the Motion Server cannot be reached, or the gateway shuts down.</exception>
    public async Task<Session> OpenAsync(SessionSettings settings, CancellationToken cancellationToken)
    {
        SessionSettingsRules.Validate(settings, _options.Limits);
        Admit();
        var session = await CreateAsync(settings, cancellationToken);
        if (!TryAdd(session))
        {
            _metrics.SessionRefused(ErrorReason.ShuttingDown);
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
            _services.Events.Opened(session.Id, settings.AvatarId, settings.App, settings.SampleRate);
        }
        catch (MotionServerException failure)
        {
            var reason = failure.ToReason();
            _metrics.MotionServerFailed(reason);
            _services.Events.NotOpened(session.Id, reason);
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
        _services.Events.Draining(open.Count, grace.TotalSeconds);
        using var limit = new CancellationTokenSource(grace, _services.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        bool[] heard = await Task.WhenAll(open.Select(session => EndWhenHeardAsync(session, either.Token)));
        foreach (var late in _directory.Owned)
        {
            late.Close(ErrorReason.ShuttingDown, "");
        }

        int cut = heard.Count(isHeard => !isHeard);
        _services.Events.Drained(cut);
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
        await _services.Legs.DisposeAsync();
        _metrics.Dispose();
    }

    private static async Task<bool> EndWhenHeardAsync(Session session, CancellationToken cancellationToken)
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
        return isHeard;
    }

    private static GatewayException ShutsDown() => new(ErrorReason.ShuttingDown, "This gateway shuts down: call another.");

    private void BeginDraining()
    {
        lock (_draining)
        {
            _isDraining = true;
        }
    }

    private async Task<Session> CreateAsync(SessionSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            var (id, epoch) = await _directory.ClaimAsync(cancellationToken);
            var log = _logs.Create(id, new LogPosition(epoch, 0), _options.Limits.Log);
            var session = new Session(id, log, settings with { Opus = _options.Opus }, _options.Limits.For(settings), _services);
            _metrics.SessionOpened();
            return session;
        }
        catch
        {
            Interlocked.Decrement(ref _open);
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

    private void Admit()
    {
        var refusal = _isDraining
            ? ShutsDown()
            : Interlocked.Increment(ref _open) > _options.MaxSessions
            ? new GatewayException(ErrorReason.SessionLimit, $"{_options.MaxSessions} sessions are open, which is as many as may be.") { RetryAfter = RetryWhenFull }
            : null;
        if (refusal is null && !_services.Budget.MayOpen)
        {
            refusal = new GatewayException(ErrorReason.MemoryLimit, "The sessions that are open use all memory that they may.") { RetryAfter = RetryWhenFull };
        }

        refusal ??= _outage.Refuse();
        if (refusal is null)
        {
            return;
        }

        if (refusal.Reason != ErrorReason.ShuttingDown)
        {
            Interlocked.Decrement(ref _open);
        }

        _metrics.SessionRefused(refusal.Reason);
        throw refusal;
    }

    private void OnClosed(Session session)
    {
        Interlocked.Decrement(ref _open);
        _metrics.SessionClosed();
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
            _services.Events.Defect(defect, session.Id);
        }
    }
}
