using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.OggOpus;

namespace MotionGateway.MotionServer;

/// <summary>Opens connections to the Motion Server for one app. Thread-safe; make one per app and keep it.</summary>
public sealed class MotionServerClient : IMotionConnector, IAsyncDisposable
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
    private readonly TokenStock _tokens;
    private readonly CancellationTokenSource _disposing = new();
    private readonly ConcurrentDictionary<MotionConnection, bool> _connections = new();

    /// <summary>Creates a client.</summary>
    /// <param name="options">Endpoints, credentials and limits; copied.</param>
    /// <param name="http">
    /// Sends the HTTP requests, the upgrade to a WebSocket among them, so its handler must let HTTP/1.1 upgrades through as
    /// <see cref="SocketsHttpHandler"/> does, and should not follow redirects. Stays the caller's. Null: the client has one of its own,
    /// which sends no trace context or baggage in HTTP headers; a handler of the caller's does what it is set to, by default
    /// it adds those of the activity that is current, see <see cref="SocketsHttpHandler.ActivityHeadersPropagator"/>.
    /// </param>
    /// <param name="timeProvider">The clock for time limits and tokens; null is the system's.</param>
    /// <param name="loggerFactory">Where logs go; null logs nothing.</param>
    /// <exception cref="ArgumentException">The options break a rule; the text names every one.</exception>
    public MotionServerClient(
        MotionServerOptions options,
        HttpMessageInvoker? http = null,
        TimeProvider? timeProvider = null,
        ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        IReadOnlyList<string> problems = options.Validate();
        if (problems.Count > 0)
        {
            throw new ArgumentException(string.Join(' ', problems), nameof(options));
        }

        _options = options.Copy();
        _ownsHttp = http is null;
        _http = http ?? new HttpMessageInvoker(CreateHandler());
        _time = timeProvider ?? TimeProvider.System;
        _logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<MotionServerClient>();
        _regions = new RegionResolver(_options, _http, _time, _logger);
        _route = new RegionRoute(_options, _regions, _http, _time, _logger);
        _tokens = new TokenStock(_options, FetchAheadAsync, _time, _logger);
    }

    /// <summary>Session tokens that wait for the next connections; see <see cref="MotionServerOptions.TokensAhead"/>.</summary>
    public int TokensReady => _tokens.Count;

    /// <inheritdoc cref="IMotionConnector.ConnectAsync"/>
    /// <remarks>
    /// A failure that is a region's own leads to the next of <see cref="MotionServerOptions.FallbackRegions"/>. When all regions
    /// failed, the exception is the first one's; <see cref="MotionServerException.RegionFailures"/> holds the others.
    /// A session token that was fetched earlier and is refused is replaced by a fresh one, once.
    /// </remarks>
    /// <exception cref="ObjectDisposedException">The client was disposed, before or meanwhile.</exception>
    /// <exception cref="OpusLibraryMissingException">Speech is to be encoded, and libopus is not on this machine.</exception>
    public async Task<IMotionConnection> ConnectAsync(MotionConnectionOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Audio.Encoder is not null)
        {
            OpusLibrary.Require();
        }

        ConnectTokens tokens = new(_tokens, _options.ReuseTokens);
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

    /// <inheritdoc/>
    public bool IsCurrentRegion(string? region) => _route.IsCurrent(region);

    /// <summary>Fetches a session token without opening a connection, which shows that a console and the API key work.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="MotionServerException">The token was refused or did not come in time.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed, before or meanwhile.</exception>
    public Task<SessionToken> FetchTokenAsync(CancellationToken cancellationToken = default) => WhileAliveAsync(
        alive => _route.RunAsync(static (target, token) => target.FetchTokenAsync(token), alive), cancellationToken);

    /// <summary>
    /// Does ahead what the next connection would wait for: finds the region, fetches a session token and keeps it for that
    /// connection, and opens HTTP connections to the console and the ingress. Those stay usable for about a minute; a later
    /// connection still resumes TLS where the peer offers that.
    /// </summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What was reached, and what failed: a failure is not thrown, since connecting will meet it again or not.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed, before or meanwhile.</exception>
    public Task<PrewarmResult> PrewarmAsync(CancellationToken cancellationToken = default) =>
        WhileAliveAsync(new Prewarmer(_route, _tokens, _http).RunAsync, cancellationToken);

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

    private Task<SessionToken> FetchAheadAsync(CancellationToken cancellationToken) => _route.RunAsync(_tokens.FetchAsync, cancellationToken);

    private async Task<IMotionConnection> OpenAsync(
        RegionTarget target, MotionConnectionOptions options, ConnectTokens tokens, CancellationToken cancellationToken)
    {
        while (true)
        {
            SessionToken token = await tokens.GetAsync(target, cancellationToken).ConfigureAwait(false);
            try
            {
                UpgradedSocket socket = await target.Steps.RunAsync(
                    new Step("connect", MotionServerPhase.WebSocketConnect, target.Endpoints.IngressRoot, _options.ApiKey, token.Value),
                    step => target.Upgrade.OpenAsync(options.AvatarId, token, step),
                    cancellationToken).ConfigureAwait(false);
                tokens.Use();
                return await AgreeAsync(target, options, token, socket, cancellationToken).ConfigureAwait(false);
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
        RegionTarget target, MotionConnectionOptions options, SessionToken token, UpgradedSocket upgraded, CancellationToken cancellationToken)
    {
        WebSocket socket = upgraded.Socket;
        MessageAssembler assembler = new(socket, upgraded.Received, _options.MaxMessageBytes, _options.Buffers);
        ConnectionContext context = new(
            _options, options, [_options.ApiKey, token.Value, .. options.Egress?.Secrets ?? []], _time, _logger, target.Region, target.Endpoints.IngressRoot);
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
        _logger.Opened(connection.ConnectionId, target.Endpoints.IngressHost, target.Region, options.AvatarId, options.Audio.SampleRate);
        await CloseIfDisposedAsync(connection).ConfigureAwait(false);
        return connection;
    }

    // Disposing does not see a connection that is added after it has looked.
    private async Task CloseIfDisposedAsync(MotionConnection connection)
    {
        if (_disposing.IsCancellationRequested)
        {
            await connection.CloseAsync(CancellationToken.None).ConfigureAwait(false);
            throw new ObjectDisposedException(nameof(MotionServerClient));
        }
    }
}
