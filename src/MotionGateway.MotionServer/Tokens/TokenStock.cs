using Microsoft.Extensions.Logging;

namespace MotionGateway.MotionServer;

/// <summary>
/// Session tokens for connections to come. Fetches them ahead in the background from the first demand on, where the options say
/// so; shares one among connections, where the options say that; and keeps the one of a warm-up.
/// </summary>
internal sealed class TokenStock : IAsyncDisposable
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

    private readonly MotionServerOptions _options;
    private readonly Func<CancellationToken, Task<SessionToken>> _fetchAhead;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TokenLife _life;
    private readonly TokenShelf _shelf;
    private readonly SharedRuns<SessionToken> _sharedFetches = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource _demand = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _filling;
    private bool _isDisposed;

    /// <param name="options">How many, for how long, and whether to share.</param>
    /// <param name="fetchAhead">Fetches one in the background, in whatever region can; calls <see cref="FetchAsync"/>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public TokenStock(MotionServerOptions options, Func<CancellationToken, Task<SessionToken>> fetchAhead, TimeProvider time, ILogger logger)
    {
        _options = options;
        _fetchAhead = fetchAhead;
        _time = time;
        _logger = logger;
        _life = new TokenLife(options, time);
        _shelf = new TokenShelf(_life, Math.Max(options.TokensAhead, 1), options.ReuseTokens);
    }

    /// <summary>Tokens that are ready.</summary>
    public int Count => _shelf.Count;

    /// <summary>Hands out a token that was fetched before; null when none is left. A token that is not shared is handed out once.</summary>
    public SessionToken? Take()
    {
        SessionToken? token = _shelf.Take();
        Demand();
        return token;
    }

    /// <summary>Fetches a token in a region. One that is shared is fetched once for all who ask at the same time, and kept.</summary>
    /// <exception cref="MotionServerException">The token was refused or did not come in time.</exception>
    public Task<SessionToken> FetchAsync(RegionTarget target, CancellationToken cancellationToken) => _options.ReuseTokens
        ? _sharedFetches.JoinAsync(
            target.Endpoints.Token.AbsoluteUri,
            async stopping =>
            {
                SessionToken token = await target.FetchTokenAsync(stopping).ConfigureAwait(false);
                _shelf.Put(token);
                return token;
            },
            cancellationToken)
        : target.FetchTokenAsync(cancellationToken);

    /// <summary>Makes sure that a token is ready, and lets more be fetched ahead.</summary>
    /// <returns>Whether it had to be fetched.</returns>
    /// <exception cref="MotionServerException">The token was refused or did not come in time.</exception>
    public async Task<bool> EnsureAsync(RegionTarget target, CancellationToken cancellationToken)
    {
        bool isMissing = _shelf.Count == 0;
        if (isMissing)
        {
            SessionToken token = await FetchAsync(target, cancellationToken).ConfigureAwait(false);
            Keep(token);
        }

        Demand();
        return isMissing;
    }

    /// <summary>Forgets a token that the Motion Server refused.</summary>
    public void Refuse(SessionToken token)
    {
        TokenTelemetry.RecordDiscarded(TokenDiscardReason.Refused);
        _shelf.Remove(token);
        Demand();
    }

    public async ValueTask DisposeAsync()
    {
        Task filling;
        lock (_lock)
        {
            _isDisposed = true;
            filling = _filling ?? Task.CompletedTask;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await _sharedFetches.DisposeAsync().ConfigureAwait(false);
        await filling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _shelf.Close();
    }

    // A shared token was kept when it was fetched.
    private void Keep(SessionToken token)
    {
        if (!_options.ReuseTokens)
        {
            _shelf.Put(token);
        }
    }

    private void Demand()
    {
        lock (_lock)
        {
            if (_options.TokensAhead > 0 && !_isDisposed)
            {
                // It ends before its time only when something of the caller's throws, such as a log.
                if (_filling is null or { IsCompleted: true })
                {
                    _filling = BackgroundTask.Run(FillAsync);
                }

                _demand.TrySetResult();
            }
        }
    }

    private async Task FillAsync()
    {
        ReconnectSchedule retries = Retries.Start(_time);
        while (!_stopping.IsCancellationRequested)
        {
            Task demand = NextDemand();
            TimeSpan wait = _shelf.UntilNeeded(_options.TokensAhead);
            if (wait > TimeSpan.Zero)
            {
                await demand.WaitAsync(wait + Grain, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            TimeSpan pause = await FetchAheadAsync(retries).ConfigureAwait(false);
            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private Task NextDemand()
    {
        lock (_lock)
        {
            if (_demand.Task.IsCompleted)
            {
                _demand = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return _demand.Task;
        }
    }

    /// <returns>How long to wait before the next fetch.</returns>
    private async Task<TimeSpan> FetchAheadAsync(ReconnectSchedule retries)
    {
        try
        {
            SessionToken token = await _fetchAhead(_stopping.Token).ConfigureAwait(false);
            Keep(token);
            retries.Reset();
            // One that must be replaced as soon as it has come would be fetched for ever.
            return _life.UntilReplacement(token) > TimeSpan.Zero ? TimeSpan.Zero : LongestPause;
        }
        catch (MotionServerException failure)
        {
            TimeSpan pause = retries.TryNext(failure, out TimeSpan delay) ? delay
                : failure.RetryAfter > LongestPause ? failure.RetryAfter.Value
                : LongestPause;
            pause = pause < LongestAskedPause ? pause : LongestAskedPause;
            _logger.NoTokenAhead(failure.Code.ToStableName(), pause, failure.Message);
            return pause;
        }
        // Connects that need a token meet the same and throw it.
        catch (Exception exception) when (!_stopping.IsCancellationRequested)
        {
            _logger.NoTokenAhead(exception.GetType().Name, LongestPause, "");
            return LongestPause;
        }
    }
}
