using Microsoft.Extensions.Logging;

namespace MotionGateway.MotionServer;

/// <summary>
/// Finds the region to connect to first. With <c>auto</c> it asks the service and keeps the answer; when the service cannot tell,
/// the last answer is used however old it is, and before any the default. So it always finds one.
/// </summary>
internal sealed class RegionResolver : IAsyncDisposable
{
    private static readonly TimeSpan AnswerLifetime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(5);

    // While the bootstrap service is down, one connect in this time pays for asking it.
    private static readonly TimeSpan FailureLifetime = TimeSpan.FromSeconds(30);

    private readonly MotionServerOptions _options;
    private readonly BootstrapRequest _request;
    private readonly StepRunner _steps;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SharedRuns<ResolvedRegion> _runs = new();
    private readonly Lock _lock = new();
    private ResolvedRegion? _kept;
    private string? _lastGood;
    private long _keptAt;

    public RegionResolver(MotionServerOptions options, HttpMessageInvoker http, TimeProvider time, ILogger logger)
    {
        _options = options;
        _request = new BootstrapRequest(http, options, time);
        _steps = new StepRunner(time, options.StepTimeout < RequestLimit ? options.StepTimeout : RequestLimit);
        _time = time;
        _logger = logger;
    }

    /// <summary>Finds the region.</summary>
    /// <param name="cancellationToken">Gives up; a bootstrap that others wait for goes on.</param>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public ValueTask<ResolvedRegion> ResolveAsync(CancellationToken cancellationToken)
    {
        if (_options is { ConsoleUrl: not null, IngressUrl: not null })
        {
            return ValueTask.FromResult(new ResolvedRegion(null, RegionSource.ExplicitUrls));
        }

        if (_options.Region != RegionName.Auto)
        {
            return ValueTask.FromResult(new ResolvedRegion(_options.Region, RegionSource.Configured));
        }

        return Kept() is ResolvedRegion kept
            ? ValueTask.FromResult(kept)
            : new ValueTask<ResolvedRegion>(_runs.JoinAsync(RegionName.Auto, BootstrapAsync, cancellationToken));
    }

    /// <summary>The region that would be found now, without asking anybody; null when none is known or there is no choice.</summary>
    public string? Known()
    {
        if (_options is { ConsoleUrl: not null, IngressUrl: not null })
        {
            return null;
        }

        lock (_lock)
        {
            return _options.Region != RegionName.Auto ? _options.Region : Kept()?.Name ?? _lastGood;
        }
    }

    public ValueTask DisposeAsync() => _runs.DisposeAsync();

    private ResolvedRegion? Kept()
    {
        lock (_lock)
        {
            TimeSpan lifetime = _kept?.Source == RegionSource.Bootstrap ? AnswerLifetime : FailureLifetime;
            return _kept is not null && _time.GetElapsedTime(_keptAt) < lifetime ? _kept : null;
        }
    }

    private async Task<ResolvedRegion> BootstrapAsync(CancellationToken stopping)
    {
        // An answer may have come between the caller's look and this run.
        if (Kept() is ResolvedRegion kept)
        {
            return kept;
        }

        try
        {
            Step step = new("region", MotionServerPhase.SessionToken, _options.BootstrapUrl, _options.ApiKey);
            string name = await _steps.RunAsync(step, _request.SendAsync, stopping).ConfigureAwait(false);
            return Keep(name, failure: null);
        }
        // Whatever goes wrong, and a handler that is the caller's may throw anything, a region is still needed.
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            return Keep(name: null, exception);
        }
    }

    private ResolvedRegion Keep(string? name, Exception? failure)
    {
        ResolvedRegion region;
        bool isNew;
        lock (_lock)
        {
            region = name is not null ? new(name, RegionSource.Bootstrap)
                : _lastGood is not null ? new(_lastGood, RegionSource.LastGood)
                : new(RegionName.Default, RegionSource.Default);
            isNew = name is not null && name != _lastGood;
            _lastGood = name ?? _lastGood;
            _kept = region;
            _keptAt = _time.GetTimestamp();
        }

        RegionTelemetry.RecordBootstrap(region.Source, failure);
        if (failure is not null)
        {
            _logger.NoBootstrap(region.Name!, failure is MotionServerException known ? known.Message : failure.GetType().Name);
        }
        else if (isNew)
        {
            _logger.Bootstrapped(region.Name!);
        }

        return region;
    }
}
