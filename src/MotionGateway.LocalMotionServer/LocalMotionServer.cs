using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MotionGateway.LocalMotion.Cassettes;
using MotionGateway.LocalMotion.Control;
using MotionGateway.LocalMotion.Egress;
using MotionGateway.LocalMotion.Faults;
using MotionGateway.LocalMotion.Ingress;
using MotionGateway.LocalMotion.Tokens;

namespace MotionGateway.LocalMotion;

/// <summary>
/// A Motion Server to develop and test against: it speaks the real one's wire protocol and makes plausible motion from the sound of
/// the speech. It needs nothing but a port, and writes nothing to disk unless it is to record.
/// </summary>
public sealed class LocalMotionServer : IAsyncDisposable
{
    /// <summary>Bytes of an HTTP request's body.</summary>
    internal const int MaxBodyBytes = 64 * 1024;

    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stopping;
    private readonly TimeSpan _stopTime;
    private readonly ConnectionRegistry _connections;
    private readonly RecordingProxy? _recording;
    private int _disposed;

    private LocalMotionServer(
        WebApplication app, CancellationTokenSource stopping, IngressContext ingress, FaultBoard faults, ConnectionRegistry connections, RecordingProxy? recording)
    {
        _app = app;
        _stopping = stopping;
        _stopTime = ingress.Options.CloseTimeout + TimeSpan.FromSeconds(1);
        _connections = connections;
        _recording = recording;
        Egress = ingress.Egress;
        Counters = ingress.Counters;
        Faults = faults;
        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        BaseAddress = new Uri(address);
        ConsoleUrl = new Uri(BaseAddress, "/v1/console");
        IngressUrl = new UriBuilder(new Uri(BaseAddress, "/v2/driveningress")) { Scheme = Uri.UriSchemeWs }.Uri;
    }

    /// <summary>The first address that the server listens on, with the port that it got.</summary>
    public Uri BaseAddress { get; }

    /// <summary>What a Server SDK takes for its console endpoint.</summary>
    public Uri ConsoleUrl { get; }

    /// <summary>What a Server SDK takes for its ingress endpoint.</summary>
    public Uri IngressUrl { get; }

    /// <summary>What the server has seen and done.</summary>
    public LocalMotionServerCounters Counters { get; }

    /// <summary>What it would have published for connections with egress. Over HTTP: <c>GET /control/egress</c> with the API key.</summary>
    public EgressRecord Egress { get; }

    /// <summary>Faults that strike users who do not ask for them by name.</summary>
    public FaultBoard Faults { get; }

    /// <summary>The connections that are there now, the oldest first.</summary>
    public IReadOnlyList<LocalMotionConnection> Connections => _connections.Look();

    /// <summary>Starts a server.</summary>
    /// <param name="options">Null: all defaults, at a free port of 127.0.0.1. Later changes to the object have no effect.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    /// <exception cref="ArgumentException">Options are wrong; the message names every one.</exception>
    /// <exception cref="IOException">An address is in use.</exception>
    /// <exception cref="CassetteException">The cassette to replay cannot be read, or the one to record cannot be written.</exception>
    public static async Task<LocalMotionServer> StartAsync(LocalMotionServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        LocalMotionServerOptions effective = options?.Copy() ?? new LocalMotionServerOptions();
        IReadOnlyList<string> errors = effective.Validate();
        if (errors.Count > 0)
        {
            throw new ArgumentException(string.Join(' ', errors), nameof(options));
        }

        ILogger logger = (effective.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<LocalMotionServer>();
        var ingress = new IngressContext(effective, new LocalMotionServerCounters(), new CreditAccount(effective.Credits), new EgressRecord(effective), logger);
        var faults = new FaultBoard
        {
            WhyOff = effective is { Record: null, Replay: null } ? null
                : "No fault strikes while the server records or replays: start one without Record and Replay to use faults.",
        };
        var connections = new ConnectionRegistry(effective.TimeProvider);
        var stopping = new CancellationTokenSource();
        Cassette? cassette = effective.Replay is { } replayed ? CassetteReader.Read(replayed) : null;
        RecordingProxy? recording = RecordingProxy.Open(effective, ingress.Counters, connections);
        WebApplication app = Build(ingress);
        if (recording is null)
        {
            MapService(app, ingress, faults, connections, cassette, stopping.Token);
        }
        else
        {
            recording.Map(app, stopping.Token);
        }

        MapControl(app, ingress, faults, connections);

        try
        {
            await app.StartAsync(cancellationToken);
            return new LocalMotionServer(app, stopping, ingress, faults, connections, recording);
        }
        catch
        {
            await app.DisposeAsync();
            await (recording?.AbandonAsync() ?? ValueTask.CompletedTask);
            stopping.Dispose();
            throw;
        }
    }

    /// <summary>Ends every connection with close code 1001 and stops listening.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stopping.CancelAsync();
        using var limit = new CancellationTokenSource(_stopTime);
        await _app.StopAsync(limit.Token);
        await _app.DisposeAsync();
        await (_recording?.DisposeAsync() ?? ValueTask.CompletedTask);
        _stopping.Dispose();
    }

    private static WebApplication Build(IngressContext ingress)
    {
        LocalMotionServerOptions options = ingress.Options;
        // The empty builder reads no configuration: a host's appsettings and environment do not reach this server.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        ILoggerFactory loggerFactory = options.LoggerFactory ?? NullLoggerFactory.Instance;
        builder.Services.AddSingleton<ILoggerFactory>(new HostLoggers(loggerFactory));
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseUrls(options.EffectiveUrls);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http1);
            // The service bounds its own, and answers those beyond with words; a proxy leaves it to this.
            kestrel.Limits.MaxConcurrentUpgradedConnections = options.Record is null ? null : options.MaxConnections + 64L;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
        });

        WebApplication app = builder.Build();
        app.Use(UpgradedStream.KeepAsync);
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(30), KeepAliveTimeout = TimeSpan.FromSeconds(30) });
        return app;
    }

    private static void MapService(
        WebApplication app, IngressContext ingress, FaultBoard faults, ConnectionRegistry connections, Cassette? cassette, CancellationToken stopping)
    {
        LocalMotionServerOptions options = ingress.Options;
        var tokens = new SessionTokenStore(options.MaxTokens, options.TimeProvider);
        ReplayEndpoint? replay = cassette is null ? null : new ReplayEndpoint(cassette, options, ingress.Counters, connections, ingress.Logger);
        var tokenEndpoint = new SessionTokenEndpoint(options, tokens, faults, replay, ingress.Counters);
        var ingressEndpoint = new IngressEndpoint(ingress, tokens, faults, connections, replay);
        RequestDelegate console = context => tokenEndpoint.HandleAsync(context, newerDialect: false, stopping);
        RequestDelegate newerConsole = context => tokenEndpoint.HandleAsync(context, newerDialect: true, stopping);
        RequestDelegate admit = context => ingressEndpoint.HandleAsync(context, stopping);
        app.MapPost(SessionTokenEndpoint.Path, console);
        app.MapPost(SessionTokenEndpoint.NewerPath, newerConsole);
        app.MapGet(IngressEndpoint.Path, admit);
    }

    private static void MapControl(WebApplication app, IngressContext ingress, FaultBoard faults, ConnectionRegistry connections)
    {
        var control = new ControlEndpoints(ingress.Options, ingress.Counters, faults, connections);
        control.Map(app);
        var egress = new EgressEndpoint(ingress.Egress);
        app.MapGet(EgressEndpoint.Path, control.Guarded(egress.ListAsync));
        app.MapGet(EgressEndpoint.AudioPath, control.Guarded(egress.SendAudioAsync));
        app.MapGet(EgressEndpoint.MotionPath, control.Guarded(egress.SendMotionAsync));
    }

    /// <summary>Leaves signals and the console to the process that embeds the server.</summary>
    private sealed class EmbeddedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
