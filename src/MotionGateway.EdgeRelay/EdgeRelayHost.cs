using Grpc.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using MotionGateway.Hosting;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>Builds the relay as an application of its own, to be started alone or beside others in one process.</summary>
public static class EdgeRelayHost
{
    private static readonly TimeSpan ShutdownMargin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan GatewayPingDelay = TimeSpan.FromSeconds(2);

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
            .UseKestrel(KestrelBounds.Set)
            .UseSockets(KestrelBounds.Set)
            .UseUrls(options.Urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        AddServices(builder.Services, options);
        HiddenTokens.Filter(builder.Services);
        configure?.Invoke(builder);

        var app = builder.Build();
        HiddenTokens.Use(app);
        PageEndpoints.UseSecurityHeaders(app);
        app.UseWebSockets();
        PageEndpoints.Use(app, options.PageDirectory);
        app.UseRouting();
        FeedCors.Use(app);

        FeedEndpoint.Map(app);
        app.MapGet(EventStreamEndpoint.Path, EventStreamEndpoint.HandleAsync).RequireCors(FeedCors.Policy);
        app.MapPost(TicketEndpoint.Path, TicketEndpoint.HandleAsync).Admit(isRated: true).RequireCors(FeedCors.Policy);
        app.MapPost(ViewerEventEndpoint.Path, ViewerEventEndpoint.HandleAsync).Admit(isRated: false).RequireCors(FeedCors.Policy);
        app.MapPost(JoinEndpoint.Path, JoinEndpoint.HandleAsync).Admit(isRated: true).RequireCors(FeedCors.Policy);
        if (options.PublishedFeeds)
        {
            PublishedEndpoints.Map(app);
        }

        HealthEndpoints.Map(app);
        return app;
    }

    private static void AddServices(IServiceCollection services, EdgeRelayOptions options)
    {
        services.AddRouting();
        FeedCors.Add(services);
        services.AddMetrics();
        services.AddLogging();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = ViewerRegistry.GetDrainTime(options) + ShutdownMargin);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options).AddLiveOptions(options);
        AddGatewayApiKey(services, options);
        services.AddServerTls("Relay:Tls", options.Tls);
        if (options.GatewayTls is { } gatewayTls)
        {
            services.AddSingleton(provider => new ClientTlsConnector(
                "Relay:GatewayTls", gatewayTls, provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<ClientTlsConnector>>()));
        }

        AddGatewayClient<SessionService.SessionServiceClient>(services, options, "sessions");
        foreach (string name in GatewayConnections.Names)
        {
            AddGatewayClient<EncodedFeedClient>(services, options, name);
        }

        services.AddSingleton<RelayMetrics>();
        services.AddSingleton<GatewayLink>();
        services.AddSingleton<GatewayConnections>();
        services.AddSingleton<FeedLooks>();
        services.AddSingleton<GatewayFeeds>();
        services.AddSingleton<CatchUps>();
        services.AddSingleton<FanOutWorkers>();
        services.AddSingleton<ViewerRegistry>();
        services.AddSingleton<ViewerAdmission>();
        services.AddSingleton<ViewerServices>();
        services.AddSingleton<ViewerEventIntake>();
        services.AddHostedService<RelayDrain>();

        // Hosted services stop after the server, whose last viewer has left by then.
        services.AddSingleton<FeedDirectory>();
        services.AddHostedService(provider => provider.GetRequiredService<FeedDirectory>());
        services.AddSingleton<ViewerKeys>();
        services.AddHostedService(provider => provider.GetRequiredService<ViewerKeys>());
    }

    private static void AddGatewayApiKey(IServiceCollection services, EdgeRelayOptions options)
    {
        if (options.GatewayApiKeyFile is { } path)
        {
            services.AddSingleton(provider => new Reloaded<GatewayApiKey>(
                $"Relay:{nameof(options.GatewayApiKeyFile)}", [path], () => GatewayApiKey.Read(path),
                provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<GatewayApiKey>>()));
        }
    }

    private static void AddGatewayClient<TClient>(IServiceCollection services, EdgeRelayOptions options, string name)
        where TClient : ClientBase
    {
        var client = services.AddGatewayClient<TClient>(new Uri(options.GatewayAddress), name).ConfigurePrimaryHttpMessageHandler(provider =>
        {
            // What comes next would be sent into a connection whose path is dead until that is noticed.
            var handler = GatewayChannel.CreateHandler();
            (handler.KeepAlivePingDelay, handler.KeepAlivePingTimeout) = (GatewayPingDelay, options.GatewayPingTimeout);
            if (options.GatewayTls is not null)
            {
                handler.ConnectCallback = provider.GetRequiredService<ClientTlsConnector>().ConnectAsync;
            }

            return handler;
        });
        if (options.GatewayApiKeyFile is not null)
        {
            client.AddHttpMessageHandler(provider =>
            {
                var key = provider.GetRequiredService<Reloaded<GatewayApiKey>>();
                return new BearerHandler(() => key.Current.Key);
            });
        }
    }
}
