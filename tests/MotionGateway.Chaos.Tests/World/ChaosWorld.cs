using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using MotionGateway.Chaos.Tests.Network;
using MotionGateway.Chaos.Tests.Oracle;
using MotionGateway.EdgeRelay;
using MotionGateway.Gateway;
using MotionGateway.LocalMotion;
using MotionGateway.Protocol;
using MotionGateway.Testing;

namespace MotionGateway.Chaos.Tests.World;

/// <summary>Motion Server, gateway and relay on sockets of this machine, with a proxy on each way between.</summary>
internal sealed class ChaosWorld : IAsyncDisposable
{
    private readonly WebApplication _gateway;
    private WebApplication? _relay;

    private ChaosWorld(RestartableMotionServer motionServer, MotionRecord record, GatewayOptions options, TestLoggerProvider log, WebApplication gateway)
    {
        MotionServer = motionServer;
        Record = record;
        Options = options;
        Log = log;
        _gateway = gateway;
        int port = new Uri(gateway.Urls.First()).Port;
        Speaking = new ChaosProxy(port);
        Reading = new ChaosProxy(port);
        Relaying = new ChaosProxy(port);
        Control = GatewayChannel.ForAddress(new Uri(gateway.Urls.First()));
    }

    public RestartableMotionServer MotionServer { get; }

    /// <summary>What the Motion Server made.</summary>
    public MotionRecord Record { get; }

    public GatewayOptions Options { get; }

    /// <summary>Errors that gateway and relay logged.</summary>
    public TestLoggerProvider Log { get; }

    /// <summary>Between speakers and the gateway.</summary>
    public ChaosProxy Speaking { get; }

    /// <summary>Between readers and the gateway.</summary>
    public ChaosProxy Reading { get; }

    /// <summary>Between the relay and the gateway.</summary>
    public ChaosProxy Relaying { get; }

    /// <summary>Between viewers and the relay; null without one.</summary>
    public ChaosProxy? Viewing { get; private set; }

    /// <summary>A way to the gateway that is never disturbed.</summary>
    public GrpcChannel Control { get; }

    public IEnumerable<ChaosProxy> Hops =>
        new[] { MotionServer.Proxy, Speaking, Reading, Relaying, Viewing }.OfType<ChaosProxy>();

    public static async Task<ChaosWorld> StartAsync(
        bool hasRelay, Action<GatewayOptions>? configure = null, Action<LocalMotionServerOptions>? configureMotionServer = null)
    {
        var record = new MotionRecord();
        var motionServer = await RestartableMotionServer.StartAsync(() =>
        {
            var options = ChaosSettings.MotionServer(record);
            configureMotionServer?.Invoke(options);
            return options;
        });
        var gatewayOptions = ChaosSettings.Gateway(motionServer);
        configure?.Invoke(gatewayOptions);
        var log = new TestLoggerProvider();
        var gateway = GatewayHost.Build(gatewayOptions, builder => Listen(builder, log));
        await gateway.StartAsync();
        var world = new ChaosWorld(motionServer, record, gatewayOptions, log, gateway);
        if (hasRelay)
        {
            await world.StartRelayAsync();
        }

        return world;
    }

    public async ValueTask DisposeAsync()
    {
        Control.Dispose();
        foreach (var hop in new[] { Viewing, Relaying, Speaking, Reading }.OfType<ChaosProxy>())
        {
            await hop.DisposeAsync();
        }

        if (_relay is not null)
        {
            await _relay.StopAsync();
            await _relay.DisposeAsync();
        }

        await _gateway.StopAsync();
        await _gateway.DisposeAsync();
        await MotionServer.DisposeAsync();
        Log.AssertNoErrors();
    }

    private static void Listen(WebApplicationBuilder builder, TestLoggerProvider log) =>
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Error);

    private async Task StartRelayAsync()
    {
        _relay = EdgeRelayHost.Build(ChaosSettings.Relay(Relaying.Address), builder => Listen(builder, Log));
        await _relay.StartAsync();
        Viewing = new ChaosProxy(new Uri(_relay.Urls.First()).Port);
    }
}
