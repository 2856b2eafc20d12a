using MotionGateway.Feeds;
using MotionGateway.MotionServer;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>Opens sessions, finds them, and lets go of those that are over.</summary>
public sealed class SessionHost : IAsyncDisposable
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    private readonly IMotionConnector _connector;
    private readonly ReconnectingConnector _reconnector;
    private readonly SessionHostOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly SessionDirectory _directory = new();
    private readonly SessionMetrics _metrics = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _sweeping;
    private int _opening;

    /// <summary>Creates a host.</summary>
    /// <param name="connector">Makes connections to the Motion Server.</param>
    /// <param name="options">The bounds.</param>
    /// <param name="timeProvider">The clock.</param>
    public SessionHost(IMotionConnector connector, SessionHostOptions options, TimeProvider timeProvider)
    {
        _connector = connector;
        _reconnector = new ReconnectingConnector(connector, options.Reconnect, timeProvider);
        _options = options;
        _timeProvider = timeProvider;
        _sweeping = SweepAsync();
    }

    /// <summary>All sessions, oldest first.</summary>
    public IReadOnlyList<Session> Sessions => _directory.All;

    /// <summary>Opens a session over a new connection to the Motion Server.</summary>
    /// <exception cref="GatewayException">
    /// A setting is invalid, there are too many sessions, or the Motion Server cannot be reached or refuses.
    /// </exception>
    public async Task<Session> OpenAsync(SessionSettings settings, CancellationToken cancellationToken)
    {
        Validate(settings);
        if (_directory.Count + Interlocked.Increment(ref _opening) > _options.MaxSessions)
        {
            Interlocked.Decrement(ref _opening);
            throw new GatewayException(
                ErrorReason.SessionLimit, $"{_options.MaxSessions} sessions are open, which is as many as may be.");
        }

        try
        {
            var connectionOptions = new MotionConnectionOptions(settings.AvatarId, new MotionAudioFormat(settings.SampleRate));
            var connection = await _connector.ConnectAsync(connectionOptions, cancellationToken);
            var (id, epoch) = SessionDirectory.Claim();
            var session = new Session(
                id, epoch, settings, _options.Limits, _reconnector, connection, connectionOptions, _metrics, _timeProvider);
            _directory.Add(session);
            _metrics.SessionOpened();
            return session;
        }
        catch (MotionServerException failure)
        {
            var reason = failure.ToReason();
            _metrics.MotionServerFailed(reason);
            throw new GatewayException(reason, failure.Message) { RetryAfter = failure.RetryAfter };
        }
        finally
        {
            Interlocked.Decrement(ref _opening);
        }
    }

    /// <summary>Finds a session.</summary>
    /// <exception cref="GatewayException">There is none of this id.</exception>
    public Session Get(string sessionId) => _directory.Find(sessionId) ?? throw new GatewayException(
        ErrorReason.SessionNotFound, "No such session: it was closed a while ago, or never was here.")
    {
        Field = "session_id",
    };

    /// <summary>Closes all sessions and waits until they are gone.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        await _stopping.CancelAsync();
        await _sweeping;
        foreach (var session in _directory.All)
        {
            _directory.Remove(session);
            await session.DisposeAsync();
        }

        _metrics.Dispose();
        _stopping.Dispose();
    }

    private static void Validate(SessionSettings settings)
    {
        if (settings.AvatarId.Length is 0 or > 128)
        {
            throw new GatewayException(ErrorReason.InvalidRequest, "An avatar id of 1 to 128 characters is required.")
            {
                Field = "open.avatar_id",
            };
        }

        if (!MotionAudioFormat.SupportedSampleRates.Contains(settings.SampleRate))
        {
            throw new GatewayException(
                ErrorReason.UnsupportedSampleRate,
                $"{settings.SampleRate} Hz is not supported: use one of {string.Join(", ", MotionAudioFormat.SupportedSampleRates)}.")
            {
                Field = "open.audio_format.sample_rate",
            };
        }
    }

    private async Task SweepAsync()
    {
        using var timer = new PeriodicTimer(SweepInterval, _timeProvider);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                foreach (var session in _directory.All)
                {
                    session.Log.Trim();
                    if (session.IsExpired)
                    {
                        _directory.Remove(session);
                        await session.DisposeAsync();
                    }
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The host is being disposed.
        }
    }
}
