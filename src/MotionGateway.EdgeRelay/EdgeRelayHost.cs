using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>Builds the relay as an application of its own, to be started alone or beside others in one process.</summary>
public static class EdgeRelayHost
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ShutdownMargin = TimeSpan.FromSeconds(5);

    /// <summary>Name of the relay's meter.</summary>
    public const string MeterName = RelayMetrics.MeterName;

    /// <summary>Builds the relay. It reads no configuration of its own: what is not in the options is not there.</summary>
    /// <param name="options">How it listens and which gateway it follows; not to be changed afterwards.</param>
    /// <param name="configure">Adds what the process brings along, such as log output, telemetry or a clock.</param>
    /// <returns>The application; started, its <c>Urls</c> hold the addresses that it listens on.</returns>
    /// <exception cref="OptionsValidationException">The options cannot be used; names every problem.</exception>
    public static WebApplication Build(EdgeRelayOptions options, Action<WebApplicationBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Validate() is { Count: > 0 } problems)
        {
            throw new OptionsValidationException(nameof(EdgeRelayOptions), typeof(EdgeRelayOptions), problems);
        }

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost
            .UseKestrel(kestrel => kestrel.AddServerHeader = false)
            .UseUrls(options.Urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        AddServices(builder.Services, options);
        configure?.Invoke(builder);

        var app = builder.Build();
        PageEndpoints.UseSecurityHeaders(app);
        app.UseWebSockets();
        PageEndpoints.Use(app, options.PageDirectory);
        app.UseRouting();
        app.MapGet(FeedEndpoint.Path, FeedEndpoint.HandleAsync);
        HealthEndpoints.Map(app);

        var registry = app.Services.GetRequiredService<ViewerRegistry>();
        app.Lifetime.ApplicationStopping.Register(registry.BeginShutdown);
        return app;
    }

    private static void AddServices(IServiceCollection services, EdgeRelayOptions options)
    {
        services.AddRouting();
        services.AddMetrics();
        services.AddLogging();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = options.ShutdownGrace + ShutdownMargin);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(CreateChannel(options));
        services.AddSingleton(provider => new EncodedFeedClient(provider.GetRequiredService<GrpcChannel>()));
        services.AddSingleton(provider => new SessionService.SessionServiceClient(provider.GetRequiredService<GrpcChannel>()));
        services.AddSingleton<RelayMetrics>();
        services.AddSingleton<GatewayFeeds>();
        services.AddSingleton<CatchUps>();
        services.AddSingleton<ViewerRegistry>();
        services.AddSingleton<ViewerServices>();

        // Hosted services stop after the server, whose last viewer has left by then.
        services.AddSingleton<FeedDirectory>();
        services.AddHostedService(provider => provider.GetRequiredService<FeedDirectory>());
        services.AddSingleton<ViewerKeys>();
        services.AddHostedService(provider => provider.GetRequiredService<ViewerKeys>());
    }

    private static GrpcChannel CreateChannel(EdgeRelayOptions options) => GrpcChannel.ForAddress(options.GatewayAddress, new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = ConnectTimeout,
            KeepAlivePingDelay = PingInterval,
            KeepAlivePingTimeout = PingInterval,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        },
        DisposeHttpClient = true,
    });
}
