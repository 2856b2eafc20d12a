using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MotionGateway.Cli.Commands;
using MotionGateway.Cli.Configuration;
using MotionGateway.Cli.Hosting;
using MotionGateway.EdgeRelay;
using MotionGateway.Gateway;
using MotionGateway.LocalMotion;
using MotionGateway.Sessions;

namespace MotionGateway.Cli.Demo;

/// <summary>The local Motion Server, a gateway and a relay in this process.</summary>
internal sealed class DemoServices : IAsyncDisposable
{
    private readonly DemoAddresses _addresses;
    private readonly ILoggerFactory _loggers;
    private readonly LogLevel _level;
    private readonly Func<Uri, IDemoSessions> _arrivals;
    private readonly Action<string> _notice;
    private LocalMotionServer? _motionServer;
    private RunningService? _gateway;
    private RunningService? _relay;

    private DemoServices(DemoAddresses addresses, LogLevel level, Func<Uri, IDemoSessions> arrivals, Action<string> notice)
    {
        _arrivals = arrivals;
        _addresses = addresses;
        _level = level;
        _notice = notice;
        _loggers = LoggerFactory.Create(logging => ServiceLogs.Configure(logging, "motion-server", ServiceLogs.At(level)));
    }

    /// <summary>The local Motion Server's address.</summary>
    public Uri MotionServerUrl => _motionServer!.BaseAddress;

    /// <summary>The gateway's address.</summary>
    public Uri GatewayUrl => _gateway!.Url;

    /// <summary>The relay's address.</summary>
    public Uri RelayUrl => _relay!.Url;

    /// <summary>Starts all three.</summary>
    /// <param name="addresses">Where.</param>
    /// <param name="pace">How fast motion is made.</param>
    /// <param name="segments">In what pieces it comes.</param>
    /// <param name="level">What is logged.</param>
    /// <param name="extendRelay">Adds the demo's own endpoints to the relay.</param>
    /// <param name="arrivals">Makes what makes sessions at a gateway for viewers without a token.</param>
    /// <param name="notice">Is told where an address had to be changed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<DemoServices> StartAsync(
        DemoAddresses addresses, ProcessingPace pace, MotionSegments segments, LogLevel level, Action<WebApplication> extendRelay,
        Func<Uri, IDemoSessions> arrivals, Action<string> notice, CancellationToken cancellationToken)
    {
        var services = new DemoServices(addresses, level, arrivals, notice);
        try
        {
            await services.StartAsync(pace, segments, extendRelay, cancellationToken);
            return services;
        }
        catch
        {
            await services.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable? service in (IAsyncDisposable?[])[_relay, _gateway, _motionServer])
        {
            if (service is not null)
            {
                await service.DisposeAsync();
            }
        }

        _loggers.Dispose();
    }

    private async Task StartAsync(ProcessingPace pace, MotionSegments segments, Action<WebApplication> extendRelay, CancellationToken cancellationToken)
    {
        var defaults = DemoAddresses.Defaults;
        _motionServer = await DemoAddresses.StartAsync(
            _addresses.MotionServer, defaults.MotionServer,
            urls => MotionServerCommand.StartAsync(
                new LocalMotionServerOptions { Urls = urls, Pace = pace, Segments = segments, LoggerFactory = _loggers }, cancellationToken),
            _notice);
        _gateway = await DemoAddresses.StartAsync(_addresses.Gateway, defaults.Gateway, urls => StartGatewayAsync(urls, cancellationToken), _notice);
        _relay = await DemoAddresses.StartAsync(_addresses.Relay, defaults.Relay, urls => StartRelayAsync(urls, extendRelay, cancellationToken), _notice);
    }

    private Task<RunningService> StartGatewayAsync(string urls, CancellationToken cancellationToken)
    {
        var options = new GatewayOptions
        {
            Urls = urls,
            // A demo is left open for a day, and its session with it.
            ViewerTokenLifetime = TimeSpan.FromDays(1),
            Limits = new SessionLimits { IdleTimeout = TimeSpan.Zero },
            ShutdownGrace = TimeSpan.FromSeconds(1),
        };
        MotionServerCredentials.UseLocal(options.MotionServer, MotionServerUrl);
        var app = GatewayHost.Build(options, builder => RunningService.Configure(builder, "gateway", ServiceLogs.At(_level)));
        return RunningService.StartAsync("gateway", urls, app, cancellationToken);
    }

    private Task<RunningService> StartRelayAsync(string urls, Action<WebApplication> extend, CancellationToken cancellationToken)
    {
        var options = new EdgeRelayOptions
        {
            Urls = urls,
            GatewayAddress = GatewayUrl.GetLeftPart(UriPartial.Authority),
            PageDirectory = BuiltPage.Directory,
            ShutdownGrace = TimeSpan.FromSeconds(1),
        };
        var app = EdgeRelayHost.Build(options, builder =>
        {
            RunningService.Configure(builder, "relay", ServiceLogs.At(_level));
            builder.Services.AddSingleton(_ => _arrivals(GatewayUrl));
        });
        extend(app);
        return RunningService.StartAsync("relay", urls, app, cancellationToken);
    }
}
