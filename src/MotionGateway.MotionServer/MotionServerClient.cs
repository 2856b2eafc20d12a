using System.Collections.Concurrent;
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
    private readonly Endpoints _endpoints;
    private readonly HttpMessageInvoker _http;
    private readonly bool _ownsHttp;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly StepRunner _steps;
    private readonly TokenFetcher _tokens;
    private readonly WebSocketUpgrade _upgrade;
    private readonly CancellationTokenSource _disposing = new();
    private readonly ConcurrentDictionary<MotionConnection, bool> _connections = new();

    /// <summary>Creates a client.</summary>
    /// <param name="options">Endpoints, credentials and limits; copied.</param>
    /// <param name="http">
    /// Sends the HTTP requests, the upgrade to a WebSocket among them, so its handler must let HTTP/1.1 upgrades through as
    /// <see cref="SocketsHttpHandler"/> does, and should not follow redirects. Stays the caller's. Null: the client has one of its own.
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
        _endpoints = new Endpoints(_options);
        _ownsHttp = http is null;
        _http = http ?? CreateHttp();
        _time = timeProvider ?? TimeProvider.System;
        _logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<MotionServerClient>();
        _steps = new StepRunner(_time, _options.StepTimeout);
        _tokens = new TokenFetcher(_http, _options, _endpoints, _time);
        _upgrade = new WebSocketUpgrade(_http, _options, _endpoints, _time);
    }

    /// <inheritdoc cref="IMotionConnector.ConnectAsync"/>
    /// <exception cref="ObjectDisposedException">The client was disposed, before or meanwhile.</exception>
    /// <exception cref="OpusLibraryMissingException">Speech is to be encoded, and libopus is not on this machine.</exception>
    public async Task<IMotionConnection> ConnectAsync(MotionConnectionOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Audio.Encoder is not null)
        {
            OpusLibrary.Require();
        }

        try
        {
            return await WhileAliveAsync(token => OpenAsync(options, token), cancellationToken).ConfigureAwait(false);
        }
        catch (MotionServerException failure)
        {
            MotionServerTelemetry.RecordError(failure);
            _logger.OpenFailed(options.AvatarId, failure.Code.ToStableName(), failure.Phase.ToStableName(), failure.Message);
            throw;
        }
    }

    /// <summary>Fetches a session token without opening a connection, which shows that the console and the API key work.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="MotionServerException">The token was refused or did not come in time.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed, before or meanwhile.</exception>
    public async Task<SessionToken> FetchTokenAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await WhileAliveAsync(FetchTokenStepAsync, cancellationToken).ConfigureAwait(false);
        }
        catch (MotionServerException failure)
        {
            MotionServerTelemetry.RecordError(failure);
            throw;
        }
    }

    /// <summary>Ends what is under way: connects fail, connections are closed. Doing it twice is harmless.</summary>
    public async ValueTask DisposeAsync()
    {
        await _disposing.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_connections.Keys.Select(connection => connection.CloseAsync(CancellationToken.None))).ConfigureAwait(false);
        if (_ownsHttp)
        {
            _http.Dispose();
        }
    }

    private static HttpMessageInvoker CreateHttp() => new(new SocketsHttpHandler
    {
        // A redirect would carry the API key to wherever it points.
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        PooledConnectionLifetime = HttpConnectionLifetime,
    });

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

    private Task<SessionToken> FetchTokenStepAsync(CancellationToken cancellationToken) =>
        _steps.RunAsync("token", MotionServerPhase.SessionToken, _tokens.FetchAsync, cancellationToken);

    private async Task<MotionConnection> OpenAsync(MotionConnectionOptions options, CancellationToken cancellationToken)
    {
        SessionToken token = await FetchTokenStepAsync(cancellationToken).ConfigureAwait(false);
        WebSocket socket = await _steps.RunAsync(
            "connect", MotionServerPhase.WebSocketConnect, step => _upgrade.OpenAsync(options.AvatarId, token, step), cancellationToken).ConfigureAwait(false);
        MessageAssembler assembler = new(socket, _options.MaxMessageBytes);
        ConnectionContext context = new(_options, options, [_options.ApiKey, token.Value, .. options.Egress?.Secrets ?? []], _time, _logger);
        ServerConfirmSession confirmation;
        try
        {
            confirmation = await _steps.RunAsync(
                "handshake",
                MotionServerPhase.WebSocketHandshake,
                step => Handshake.RunAsync(socket, assembler, options, context.Secrets, step),
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
        _logger.Opened(connection.ConnectionId, _endpoints.IngressHost, options.AvatarId, options.Audio.SampleRate);
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
