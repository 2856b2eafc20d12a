using MotionGateway.Feeds;
using MotionGateway.MotionServer;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>
/// Whether the Motion Server can be reached, by the connections that are made for an app through this connector. While it cannot, new sessions are
/// refused at once, but for one after each pause, which tries; sessions that are there go on as their own patience allows. Thread-safe.
/// </summary>
internal sealed class MotionServerOutage(
    string app, IMotionConnector connector, MotionServerOutageOptions bounds, SessionEvents events, TimeProvider timeProvider) : IMotionConnector
{
    // Guards all below.
    private readonly Lock _lock = new();
    private int _failures;
    private long _firstFailureAt;
    private long? _beganAt;
    private long _pausedAt;

    /// <summary>Whether it cannot be reached, as far as is known: not when nobody has tried for a pause.</summary>
    public bool IsOut
    {
        get
        {
            lock (_lock)
            {
                return _beganAt is not null && PauseLeft > TimeSpan.Zero;
            }
        }
    }

    private TimeSpan PauseLeft => bounds.Pause - timeProvider.GetElapsedTime(_pausedAt);

    /// <summary>Why a new session cannot be opened now; null: it may try.</summary>
    public GatewayException? Refuse()
    {
        lock (_lock)
        {
            if (_beganAt is null)
            {
                return null;
            }

            if (PauseLeft > TimeSpan.Zero)
            {
                return new GatewayException(
                    ErrorReason.MotionServerConnectionFailed, "The Motion Server cannot be reached at present: try again later.")
                { RetryAfter = PauseLeft };
            }

            // This one tries; until it knows, others wait.
            _pausedAt = timeProvider.GetTimestamp();
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<IMotionConnection> ConnectAsync(MotionConnectionOptions options, CancellationToken cancellationToken = default)
    {
        try
        {
            var connection = await connector.ConnectAsync(options, cancellationToken);
            Reached();
            return connection;
        }
        catch (MotionServerException failure)
        {
            if (IsOutOfReach(failure))
            {
                Missed(failure);
            }
            else
            {
                Reached();
            }

            throw;
        }
    }

    // What the Motion Server itself says to a session is no outage: it is said soon, and may be that session's own matter.
    private static bool IsOutOfReach(MotionServerException failure) =>
        failure.Code == MotionServerErrorCode.ConnectionFailed
        || (failure is { Retry: MotionServerRetry.Backoff, Phase: MotionServerPhase.SessionToken or MotionServerPhase.WebSocketConnect });

    private void Reached()
    {
        lock (_lock)
        {
            _failures = 0;
            if (_beganAt is { } began)
            {
                _beganAt = null;
                var lasted = timeProvider.GetElapsedTime(began);
                events.OutageOver(app, lasted.TotalSeconds);
            }
        }
    }

    private void Missed(MotionServerException failure)
    {
        lock (_lock)
        {
            long now = timeProvider.GetTimestamp();
            if (_failures == 0 || timeProvider.GetElapsedTime(_firstFailureAt) > bounds.Window)
            {
                (_failures, _firstFailureAt) = (0, now);
            }

            _failures++;
            if (_beganAt is null && _failures >= bounds.Failures)
            {
                _beganAt = now;
                var reason = failure.ToReason();
                events.OutageBegan(app, _failures, reason, bounds.Pause.TotalSeconds);
            }

            _pausedAt = now;
        }
    }
}
