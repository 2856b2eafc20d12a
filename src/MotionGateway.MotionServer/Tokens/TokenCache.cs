using Microsoft.Extensions.Logging;

namespace MotionGateway.MotionServer;

/// <summary>Session tokens for connections to come: that of a warm-up, and those fetched ahead in the background from the first demand on, where the options say so. Thread-safe.</summary>
internal sealed class TokenCache : IAsyncDisposable
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    // A service that asks for a longer one is asked again all the same.
    private static readonly TimeSpan LongestAskedPause = TimeSpan.FromHours(1);

    // Fetching ahead never gives up: where the policy does, the longest pause goes on.
    private static readonly ReconnectPolicy Retries = new()
    {
        MaxAttempts = int.MaxValue,
        Budget = ReconnectPolicy.LongestBudget,
        FirstDelay = TimeSpan.FromSeconds(1),
        MaxDelay = LongestPause,
    };

    // Timers are no finer, and one may fire a fraction early.
    private static readonly TimeSpan Grain = TimeSpan.FromMilliseconds(1);

    private readonly int _ahead;
    private readonly TimeSpan _margin;
    private readonly TimeSpan _lead;
    private readonly Func<CancellationToken, Task<SessionToken>> _fetchAhead;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    // All guarded by the lock; the oldest token is first.
    private readonly List<SessionToken> _tokens = [];
    private TaskCompletionSource _demand = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _filling;
    private bool _isDisposed;

    public TokenCache(MotionServerOptions options, Func<CancellationToken, Task<SessionToken>> fetchAhead, TimeProvider time, ILogger logger)
    {
        (_ahead, _fetchAhead, _time, _logger) = (options.TokensAhead, fetchAhead, time, logger);
        // Until the upgrade is over, which takes one step, with as much again for clocks that differ; never most of a short life.
        _margin = Smaller(options.StepTimeout * 2, options.TokenLifetime / 2);
        _lead = Smaller(options.StepTimeout, options.TokenLifetime / 4);
    }

    /// <summary>Tokens that can open a connection.</summary>
    public int Count => Locked(() => _tokens.Count(IsUsable));

    /// <summary>Hands the oldest token out, once; null when none is left.</summary>
    public SessionToken? Take() => Locked(() =>
    {
        DropLocked(token => !IsUsable(token), "expiring");
        SessionToken? token = _tokens.FirstOrDefault();
        _tokens.RemoveRange(0, Math.Min(1, _tokens.Count));
        return DemandLocked(token);
    });

    /// <summary>Makes sure that a token is ready, and lets more be fetched ahead.</summary>
    /// <exception cref="MotionServerException">The token was refused or did not come in time.</exception>
    public async Task EnsureAsync(RegionTarget target, CancellationToken cancellationToken)
    {
        if (Count == 0)
        {
            Keep(await target.FetchTokenAsync(cancellationToken).ConfigureAwait(false));
        }

        Locked(() => DemandLocked(true));
    }

    public async ValueTask DisposeAsync()
    {
        Task filling = Locked(() =>
        {
            _isDisposed = true;
            return _filling ?? Task.CompletedTask;
        });
        await _stopping.CancelAsync().ConfigureAwait(false);
        await filling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Locked(() => DropLocked(_ => true, "disposed"));
    }

    private static TimeSpan Smaller(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private T Locked<T>(Func<T> run)
    {
        lock (_lock)
        {
            return run();
        }
    }

    private bool IsUsable(SessionToken token) => token.ExpiresAt - _time.GetUtcNow() > _margin;

    // How long until it must be replaced so that a usable one is always there.
    private TimeSpan UntilReplacement(SessionToken token)
    {
        TimeSpan left = token.ExpiresAt - _time.GetUtcNow() - _margin - _lead;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private int DropLocked(Predicate<SessionToken> match, string reason)
    {
        int dropped = _tokens.RemoveAll(match);
        MotionServerTelemetry.RecordTokensDiscarded(dropped, reason);
        return dropped;
    }

    // The oldest make room.
    private void Keep(SessionToken token) => Locked(() =>
    {
        _tokens.Add(token);
        List<SessionToken> surplus = _tokens[..Math.Max(0, _tokens.Count - Math.Max(_ahead, 1))];
        return DropLocked(_ => _isDisposed, "disposed")
            + DropLocked(one => surplus.Contains(one) && UntilReplacement(one) == TimeSpan.Zero, "expiring")
            + DropLocked(surplus.Contains, "surplus");
    });

    private T DemandLocked<T>(T result)
    {
        if (_ahead > 0 && !_isDisposed)
        {
            // It ends before its time only when something of the caller's throws, such as a log.
            _filling = _filling is null or { IsCompleted: true } ? BackgroundTask.Run(FillAsync) : _filling;
            _demand.TrySetResult();
        }

        return result;
    }

    private async Task FillAsync()
    {
        ReconnectSchedule retries = Retries.Start(_time);
        while (!_stopping.IsCancellationRequested)
        {
            (Task demand, TimeSpan wait) = Look();
            if (wait > TimeSpan.Zero)
            {
                await demand.WaitAsync(wait + Grain, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            else if (await FetchAsync(retries).ConfigureAwait(false) is { Ticks: > 0 } pause)
            {
                await Task.Delay(pause, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // What tells of the next demand, and how long until another token is needed: zero when one is missing or must be replaced.
    private (Task Demand, TimeSpan Wait) Look() => Locked(() =>
    {
        _demand = _demand.Task.IsCompleted ? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) : _demand;
        DropLocked(token => !IsUsable(token), "expiring");
        return (_demand.Task, _tokens.Count < _ahead ? TimeSpan.Zero : _tokens.Min(UntilReplacement));
    });

    /// <returns>How long to wait before the next fetch.</returns>
    private async Task<TimeSpan> FetchAsync(ReconnectSchedule retries)
    {
        try
        {
            SessionToken token = await _fetchAhead(_stopping.Token).ConfigureAwait(false);
            Keep(token);
            retries.Reset();
            // One that must be replaced as soon as it has come would be fetched for ever.
            return UntilReplacement(token) > TimeSpan.Zero ? TimeSpan.Zero : LongestPause;
        }
        // Connects that need a token meet the same and throw it.
        catch (Exception exception)
        {
            if (_stopping.IsCancellationRequested)
            {
                return TimeSpan.Zero;
            }

            MotionServerException? failure = exception as MotionServerException;
            TimeSpan pause = failure is not null && retries.TryNext(failure, out TimeSpan delay) ? delay
                : failure?.RetryAfter > LongestPause ? failure.RetryAfter.Value
                : LongestPause;
            pause = Smaller(pause, LongestAskedPause);
            _logger.NoTokenAhead(failure?.Code.ToStableName() ?? exception.GetType().Name, pause, failure?.Message ?? "");
            return pause;
        }
    }
}

/// <summary>The session token of one connect. It serves in every region, until it has opened a WebSocket or was refused.</summary>
internal sealed class ConnectToken(TokenCache cache)
{
    private SessionToken? _current;
    private RegionTarget? _fetchedFor;
    private bool _isRenewed;

    /// <summary>The token to try in a region: the one not used yet, else one fetched before, else a new one.</summary>
    /// <exception cref="MotionServerException">The token was refused or did not come in time.</exception>
    public async Task<SessionToken> GetAsync(RegionTarget target, CancellationToken cancellationToken)
    {
        if (_current is null)
        {
            _current = _isRenewed ? null : cache.Take();
            bool isFetched = _current is null;
            _current ??= await target.FetchTokenAsync(cancellationToken).ConfigureAwait(false);
            _fetchedFor = isFetched ? target : null;
            MotionServerTelemetry.RecordTokenHandedOut(fromStock: !isFetched);
        }

        return _current;
    }

    /// <summary>The current token has opened a WebSocket, which it does once.</summary>
    public void Use() => _current = null;

    /// <summary>The current token was refused in a region.</summary>
    /// <returns>Whether a fresh one may do: once, and not where the refused one was as fresh as can be.</returns>
    public bool Refuse(RegionTarget target)
    {
        MotionServerTelemetry.RecordTokensDiscarded(1, "refused");
        bool canRenew = !_isRenewed && _fetchedFor != target;
        _isRenewed = true;
        _current = null;
        return canRenew;
    }
}
