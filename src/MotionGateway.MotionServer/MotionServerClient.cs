using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer;

/// <summary>Opens connections to the Motion Server for one app. Thread-safe; make one per app and keep it.</summary>
public sealed class MotionServerClient : IMotionConnector, IRegionRank, IAsyncDisposable
{
    // Long enough to reuse connections to the console, short enough to follow its DNS.
    private static readonly TimeSpan HttpConnectionLifetime = TimeSpan.FromMinutes(5);

    private readonly MotionServerOptions _options;
    private readonly HttpMessageInvoker _http;
    private readonly bool _ownsHttp;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RegionResolver _regions;
    private readonly RegionRoute _route;
    private readonly TokenCache _tokens;
    private readonly CancellationTokenSource _disposing = new();
    private readonly ConcurrentDictionary<MotionConnection, bool> _connections = new();

    /// <summary>Creates a client.</summary>
    /// <param name="options">Endpoints, credentials and limits; copied.</param>
    /// <param name="http">
    /// Sends the HTTP requests, the upgrade to a WebSocket among them, so its handler must let HTTP/1.1 upgrades through as <see cref="SocketsHttpHandler"/> does, and
    /// should not follow redirects. Stays the caller's. Null: the client has one of its own, which sends no trace context or baggage in HTTP headers; a handler of the
    /// caller's does what it is set to, by default it adds those of the activity that is current, see <see cref="SocketsHttpHandler.ActivityHeadersPropagator"/>.
    /// </param>
    /// <param name="timeProvider">The clock for time limits and tokens; null is the system's.</param>
    /// <param name="loggerFactory">Where logs go; null logs nothing.</param>
    /// <exception cref="ArgumentException">The options break a rule; the text names every one.</exception>
    public MotionServerClient(
        MotionServerOptions options, HttpMessageInvoker? http = null, TimeProvider? timeProvider = null, ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        MotionServerOptionsRules.ThrowForAny(options.Validate(), nameof(options));
        (_options, _time, _ownsHttp) = (options.Copy(), timeProvider ?? TimeProvider.System, http is null);
        _http = http ?? new HttpMessageInvoker(CreateHandler());
        _logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<MotionServerClient>();
        _regions = new RegionResolver(_options, _http, _time, _logger);
        _route = new RegionRoute(_options, _regions, _http, _time, _logger);
        _tokens = new TokenCache(_options, token => _route.RunAsync(static (target, step) => target.FetchTokenAsync(step), token), _time, _logger);
    }

    /// <summary>Session tokens that wait for the next connections.</summary>
    internal int TokensReady => _tokens.Count;

    /// <inheritdoc cref="IMotionConnector.ConnectAsync"/>
    /// <remarks>
    /// A failure that is a region's own leads to the next of <see cref="MotionServerOptions.FallbackRegions"/>. When all regions failed, the exception is the first
    /// one's; <see cref="MotionServerException.RegionFailures"/> holds the others. A session token that was fetched earlier and is refused is replaced by a fresh one,
    /// once.
    /// </remarks>
    /// <exception cref="ObjectDisposedException">The client was disposed, before or meanwhile.</exception>
    public async Task<IMotionConnection> ConnectAsync(MotionConnectionOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ConnectToken tokens = new(_tokens);
        try
        {
            return await WhileAliveAsync(
                alive => _route.RunAsync((target, token) => OpenAsync(target, options, tokens, token), alive), cancellationToken).ConfigureAwait(false);
        }
        catch (MotionServerException failure)
        {
            _logger.OpenFailed(options.AvatarId, failure.Code.ToStableName(), failure.Phase.ToStableName(), failure.Message);
            throw;
        }
    }

    /// <summary>
    /// Does ahead what the next connection would wait for: finds the region, fetches a session token and keeps it for that connection, and opens HTTP connections to the
    /// console and the ingress. Those stay usable for about a minute; a later connection still resumes TLS where the peer offers that.
    /// </summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What was reached, and what failed: a failure is not thrown, since connecting will meet it again or not.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed, before or meanwhile.</exception>
    public async Task<PrewarmResult> PrewarmAsync(CancellationToken cancellationToken = default)
    {
        List<MotionServerException> failures = [];
        try
        {
            string? region = await WhileAliveAsync(
                alive => _route.RunAsync((target, token) => WarmAsync(target, failures, token), alive), cancellationToken).ConfigureAwait(false);
            return new PrewarmResult { Region = region, Failures = failures, IsReady = true };
        }
        catch (MotionServerException failure)
        {
            return new PrewarmResult { Region = failure.Region, Failures = failures };
        }
    }

    /// <summary>Ends what is under way: connects fail, connections are closed. Doing it twice is harmless.</summary>
    public async ValueTask DisposeAsync()
    {
        await _disposing.CancelAsync().ConfigureAwait(false);
        await _tokens.DisposeAsync().ConfigureAwait(false);
        await _regions.DisposeAsync().ConfigureAwait(false);
        await Task.WhenAll(_connections.Keys.Select(connection => connection.CloseAsync(CancellationToken.None))).ConfigureAwait(false);
        if (_ownsHttp)
        {
            _http.Dispose();
        }
    }

    /// <summary>Fetches a session token without opening a connection.</summary>
    internal Task<SessionToken> FetchTokenAsync(CancellationToken cancellationToken = default) => WhileAliveAsync(
        alive => _route.RunAsync(static (target, token) => target.FetchTokenAsync(token), alive), cancellationToken);

    bool IRegionRank.IsCurrentRegion(string? region) => _route.IsCurrent(region);

    /// <summary>What sends requests where the caller gives nothing that does.</summary>
    internal static SocketsHttpHandler CreateHandler() => new()
    {
        // A redirect would carry the API key to wherever it points.
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        PooledConnectionLifetime = HttpConnectionLifetime,
        // The caller's baggage is not the service's to see, and its trace goes there with a request's audio and by option only.
        ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
    };

    private async Task<T> WhileAliveAsync<T>(Func<CancellationToken, Task<T>> run, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposing.IsCancellationRequested, this);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposing.Token);
        try
        {
            return await run(linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (linked.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ObjectDisposedException(nameof(MotionServerClient));
        }
    }

    private async Task<string?> WarmAsync(RegionTarget target, List<MotionServerException> failures, CancellationToken cancellationToken)
    {
        Step step = new("prewarm", MotionServerPhase.WebSocketConnect, target.Endpoints.IngressRoot, Secrets.None);
        Task[] attempts = [_tokens.EnsureAsync(target, cancellationToken), target.Steps.RunAsync(step, TouchAsync, cancellationToken)];
        await Task.WhenAll(attempts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        List<MotionServerException> failed = [.. attempts.Select(attempt => attempt.Exception?.InnerException).OfType<MotionServerException>()];
        failures.AddRange(failed);
        // A failure that another region may not have leads there.
        if (failed.Find(RegionRoute.IsRegional) is MotionServerException regional)
        {
            throw regional;
        }

        await Task.WhenAll(attempts).ConfigureAwait(false);
        return target.Region;

        // Any answer will do. The version is the upgrade's, since that cannot use a connection of another.
        async Task<bool> TouchAsync(CancellationToken token)
        {
            using HttpRequestMessage request = new(HttpMethod.Head, step.Server) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            using HttpResponseMessage response = await _http.SendForHeadersAsync(request, token).ConfigureAwait(false);
            return true;
        }
    }

    private async Task<IMotionConnection> OpenAsync(
        RegionTarget target, MotionConnectionOptions options, ConnectToken tokens, CancellationToken cancellationToken)
    {
        while (true)
        {
            SessionToken token = await tokens.GetAsync(target, cancellationToken).ConfigureAwait(false);
            try
            {
                (WebSocket socket, LastBytesStream received) = await target.Steps.RunAsync(
                    new Step("connect", MotionServerPhase.WebSocketConnect, target.Endpoints.IngressRoot, _options.Secrets.With(token.Value)),
                    step => new WebSocketUpgrade(_http, _options, target.Endpoints, _time).OpenAsync(options.AvatarId, token, step),
                    cancellationToken).ConfigureAwait(false);
                tokens.Use();
                return await AgreeAsync(target, options, token, socket, new(socket, received, _options.MaxMessageBytes, _options.Buffers), cancellationToken).ConfigureAwait(false);
            }
            catch (MotionServerException failure) when (failure.Retry == MotionServerRetry.FreshToken)
            {
                if (!tokens.Refuse(target))
                {
                    throw;
                }

                _logger.TokenRefused(failure.Code.ToStableName());
            }
        }
    }

    private async Task<MotionConnection> AgreeAsync(
        RegionTarget target, MotionConnectionOptions options, SessionToken token, WebSocket socket, MessageAssembler assembler, CancellationToken cancellationToken)
    {
        ConnectionContext context = new(
            _options, options, _options.Secrets.With([token.Value, .. options.Egress?.Secrets ?? []]), _time, _logger, target.Region, target.Endpoints.IngressRoot);
        ServerConfirmSession confirmation;
        try
        {
            confirmation = await target.Steps.RunAsync(
                new Step("handshake", MotionServerPhase.WebSocketHandshake, target.Endpoints.IngressRoot, context.Secrets),
                step => Handshake.RunAsync(socket, assembler, context, step),
                cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await Goodbye.SayAsync(socket, WebSocketCloseStatus.ProtocolError, _time).ConfigureAwait(false);
            assembler.Dispose();
            socket.Dispose();
            throw;
        }

        MotionConnection connection = new(socket, assembler, confirmation, context, ended => _connections.TryRemove(ended, out _));
        _connections.TryAdd(connection, true);
        connection.Start();
        _logger.Opened(connection.ConnectionId, target.Endpoints.IngressHost, target.Region ?? "none", options.AvatarId, options.Audio.SampleRate);
        // Disposing does not see a connection that is added after it has looked.
        if (_disposing.IsCancellationRequested)
        {
            await connection.CloseAsync(CancellationToken.None).ConfigureAwait(false);
            throw new ObjectDisposedException(nameof(MotionServerClient));
        }

        return connection;
    }
}
