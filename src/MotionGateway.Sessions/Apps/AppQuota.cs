using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>What an app has of the gateway, and may have. It outlives the app's credentials.</summary>
internal sealed class AppQuota
{
    private static readonly TimeSpan RetryWhenFull = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryWhenFast = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _timeProvider;

    // Guards all below.
    private readonly Lock _lock = new();
    private AppLimits _limits = new();
    private TokenBucket? _opens;
    private int _sessions;
    private int _readers;

    /// <summary>Makes one without bounds.</summary>
    /// <param name="budget">The app's memory.</param>
    /// <param name="timeProvider">The clock.</param>
    public AppQuota(ByteBudget budget, TimeProvider timeProvider)
    {
        Budget = budget;
        _timeProvider = timeProvider;
    }

    /// <summary>The memory of the app's sessions.</summary>
    public ByteBudget Budget { get; }

    /// <summary>Sets the bounds from now on. What is beyond them stays.</summary>
    public void Apply(AppLimits limits)
    {
        lock (_lock)
        {
            if (limits.OpensPerSecond != _limits.OpensPerSecond)
            {
                _opens = limits.OpensPerSecond is { } opens ? new TokenBucket(opens, _timeProvider) : null;
            }

            _limits = limits;
            Budget.Most = limits.MaxTotalBytes ?? long.MaxValue;
        }
    }

    /// <summary>Counts a session that is opened.</summary>
    /// <exception cref="GatewayException">The app has as much as it may have.</exception>
    public void OpenSession()
    {
        lock (_lock)
        {
            if (_sessions >= _limits.MaxSessions)
            {
                throw Beyond($"The app has {_sessions} sessions, which is as many as it may have.", RetryWhenFull);
            }

            if (!Budget.MayOpen)
            {
                throw Beyond("The app's sessions use all memory that they may.", RetryWhenFull);
            }

            if (_opens?.TryTake() == false)
            {
                throw Beyond($"The app opens more than {_limits.OpensPerSecond} sessions a second.", RetryWhenFast);
            }

            _sessions++;
        }
    }

    /// <summary>A session is closed.</summary>
    public void CloseSession()
    {
        lock (_lock)
        {
            _sessions--;
        }
    }

    /// <summary>Counts a reader until the result is disposed.</summary>
    /// <param name="takesAPlace">It takes the place of an older one, which is about to go: it is not refused.</param>
    /// <exception cref="GatewayException">The app has as many as it may have.</exception>
    public IDisposable AddReader(bool takesAPlace)
    {
        lock (_lock)
        {
            if (!takesAPlace && _readers >= _limits.MaxReaders)
            {
                throw Beyond($"The app's sessions have {_readers} readers, which is as many as they may have.", RetryWhenFull);
            }

            _readers++;
            return new Reader(this);
        }
    }

    private static GatewayException Beyond(string message, TimeSpan retryAfter) =>
        new(ErrorReason.AppLimit, message) { RetryAfter = retryAfter };

    private sealed class Reader(AppQuota quota) : IDisposable
    {
        private bool _isGone;

        public void Dispose()
        {
            lock (quota._lock)
            {
                quota._readers -= _isGone ? 0 : 1;
                _isGone = true;
            }
        }
    }
}
