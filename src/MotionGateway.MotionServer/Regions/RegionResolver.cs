using System.Net.Http.Headers;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace MotionGateway.MotionServer;

/// <summary>How a client came to its region: by URLs that leave no choice, by its options, by the service now or earlier, or because nothing better is known.</summary>
internal enum RegionSource
{
    ExplicitUrls, Configured, Bootstrap, LastGood, Default,
}

/// <summary>The region to connect to first; its name is null when explicit URLs leave no choice.</summary>
internal readonly record struct ResolvedRegion(string? Name, RegionSource Source);

/// <summary>
/// Finds the region to connect to first. With <c>auto</c> it asks the service and keeps the answer; when the service cannot tell, the last answer is used however old it
/// is, and before any the default. So it always finds one.
/// </summary>
internal sealed partial class RegionResolver : IAsyncDisposable
{
    /// <summary>Asks the service for the region.</summary>
    public const string Auto = "auto";

    /// <summary>The region where nothing better is known.</summary>
    private const string Default = "us-west";

    // A region's name is one label of a host name (RFC 1035, section 2.3.4).
    private const int MaxNameLength = 63;

    private static readonly TimeSpan AnswerLifetime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(5);

    // While the bootstrap service is down, one connect in this time pays for asking it.
    private static readonly TimeSpan FailureLifetime = TimeSpan.FromSeconds(30);

    private static readonly string SdkVersion =
        typeof(RegionResolver).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    private readonly MotionServerOptions _options;
    private readonly HttpMessageInvoker _http;
    private readonly StepRunner _steps;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    // All guarded by the lock. One request serves all who wait for it, and is no caller's own.
    private Task<ResolvedRegion>? _asking;
    private ResolvedRegion? _kept;
    private string? _lastGood;
    private long _keptAt;

    public RegionResolver(MotionServerOptions options, HttpMessageInvoker http, TimeProvider time, ILogger logger)
    {
        (_options, _http, _time, _logger) = (options, http, time, logger);
        _steps = new StepRunner(time, options.StepTimeout < RequestLimit ? options.StepTimeout : RequestLimit);
    }

    private bool IsExplicit => _options is { ConsoleUrl: not null, IngressUrl: not null };

    /// <summary>Whether a text can be a region's name. It becomes part of host names, so nothing else is let through.</summary>
    public static bool IsName(string? name) => name is { Length: <= MaxNameLength } && NamePattern().IsMatch(name);

    /// <summary>Finds the region.</summary>
    /// <param name="cancellationToken">Gives up; a request that others wait for goes on.</param>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public Task<ResolvedRegion> ResolveAsync(CancellationToken cancellationToken)
    {
        if (IsExplicit || _options.Region != Auto)
        {
            return Task.FromResult(IsExplicit ? new ResolvedRegion(null, RegionSource.ExplicitUrls) : new(_options.Region, RegionSource.Configured));
        }

        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, typeof(MotionServerClient));
            if (KeptLocked() is ResolvedRegion kept)
            {
                return Task.FromResult(kept);
            }

            _asking = _asking is null or { IsCompleted: true } ? BackgroundTask.Run(AskAsync) : _asking;
            return _asking.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The region that would be found now, without asking anybody; null when none is known or there is no choice.</summary>
    public string? Known()
    {
        lock (_lock)
        {
            return IsExplicit ? null : _options.Region != Auto ? _options.Region : KeptLocked()?.Name ?? _lastGood;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        Task asking;
        lock (_lock)
        {
            asking = _asking ?? Task.CompletedTask;
        }

        await asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    [GeneratedRegex(@"^[a-z0-9]+(-[a-z0-9]+)+\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();

    private static string? Find(string body)
    {
        try
        {
            return JsonNode.Parse(body)?["region"]?["current"]?.GetValue<string>() is string name && IsName(name) ? name : null;
        }
        // What is not what it should be; a lone surrogate in a JSON string is found only when the string is taken out.
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    private ResolvedRegion? KeptLocked()
    {
        TimeSpan lifetime = _kept?.Source == RegionSource.Bootstrap ? AnswerLifetime : FailureLifetime;
        return _kept is not null && _time.GetElapsedTime(_keptAt) < lifetime ? _kept : null;
    }

    private async Task<ResolvedRegion> AskAsync()
    {
        try
        {
            Step step = new("region", MotionServerPhase.SessionToken, _options.BootstrapUrl, _options.Secrets);
            return Keep(await _steps.RunAsync(step, RequestAsync, _stopping.Token).ConfigureAwait(false), failure: null);
        }
        // Whatever goes wrong, and a handler that is the caller's may throw anything, a region is still needed.
        catch (Exception exception) when (!_stopping.IsCancellationRequested)
        {
            return Keep(name: null, exception);
        }
    }

    private async Task<string> RequestAsync(CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, _options.BootstrapUrl);
        var body = new { app_id = _options.AppId, sdk_version = SdkVersion, region = Auto, platform = "dotnet" };
        request.Content = new StringContent(JsonSerializer.Serialize(body), new MediaTypeHeaderValue("application/json"));
        using HttpResponseMessage response = await _http.SendForHeadersAsync(request, cancellationToken).ConfigureAwait(false);
        HttpAnswer answer = await HttpAnswer.ReadAsync(response, _time, cancellationToken).ConfigureAwait(false);
        return answer.IsOk && answer.IsWhole && Find(answer.Body) is string region ? region : throw Failures.NoRegion(answer);
    }

    private ResolvedRegion Keep(string? name, Exception? failure)
    {
        ResolvedRegion region;
        bool isNew;
        lock (_lock)
        {
            region = name is not null ? new(name, RegionSource.Bootstrap)
                : _lastGood is not null ? new(_lastGood, RegionSource.LastGood)
                : new(Default, RegionSource.Default);
            isNew = name is not null && name != _lastGood;
            (_lastGood, _kept, _keptAt) = (name ?? _lastGood, region, _time.GetTimestamp());
        }

        MotionServerTelemetry.RecordBootstrap(region.Source, failure);
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
