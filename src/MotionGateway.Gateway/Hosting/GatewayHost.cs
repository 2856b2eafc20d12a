using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using MotionGateway.Hosting;
using MotionGateway.Protocol;
using MotionGateway.Sessions;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>Builds a gateway: the gRPC services over sessions, health and reflection, on Kestrel.</summary>
public static class GatewayHost
{
    private static readonly TimeSpan HealthInterval = TimeSpan.FromSeconds(2);

    /// <summary>Builds a gateway that is not yet started. It reads no configuration of its own: what is not in the options is not there.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="configure">Further set-up, such as logging.</param>
    /// <exception cref="OptionsValidationException">The settings are wrong; it names all that is.</exception>
    public static WebApplication Build(GatewayOptions options, Action<WebApplicationBuilder>? configure = null)
    {
        var validation = new GatewayOptionsValidator().Validate(null, options);
        if (validation.Failed)
        {
            throw new OptionsValidationException(nameof(GatewayOptions), typeof(GatewayOptions), validation.Failures);
        }

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel(GatewayTransport.Configure).UseSockets(GatewayTransport.Configure).UseUrls(options.Urls);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.ShutdownGrace + TimeSpan.FromSeconds(2));
        AddServices(builder.Services, options);
        configure?.Invoke(builder);

        var app = builder.Build();
        LoadKey(app, options);
        CallScopes.Use(app);
        app.UseRouting();
        app.UseCallers(options.Callers);
        app.UseRequestBudgets(options.RequestTimeout);
        app.MapGrpcService<SpeechCalls>();
        app.MapGrpcService<FeedCalls>();
        app.MapGrpcService<SessionCalls>();
        app.MapGrpcHealthChecksService().AllowAnonymous();
        app.MapGrpcReflectionService().AllowAnonymous();
        return app;
    }

    // A gateway that cannot sign must not start: it would refuse every call.
    private static void LoadKey(WebApplication app, GatewayOptions options)
    {
        try
        {
            app.Services.GetRequiredService<ViewerTokenKeys>();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            ((IDisposable)app).Dispose();
            throw new OptionsValidationException(
                nameof(GatewayOptions), typeof(GatewayOptions), [GatewayOptionsValidator.KeyFileProblem(options, options.AllViewerTokenKeyFiles[0], failure)]);
        }
    }

    private static SessionHost CreateHost(IServiceProvider provider)
    {
        var apps = provider.GetRequiredService<GatewayApps>();
        var options = provider.GetRequiredService<IOptionsMonitor<GatewayOptions>>();
        var host = new SessionHost(
            apps.ToHostOptions(options.CurrentValue), provider.GetRequiredService<ISessionDirectory>(),
            provider.GetRequiredService<ISessionLogStore>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<SessionHost>>());
        options.OnChange(changed => host.Apply(apps.ToHostOptions(changed)));
        return host;
    }

    private static void AddServices(IServiceCollection services, GatewayOptions options)
    {
        services.AddRouting();
        services.AddMetrics();
        // That no sessions are taken is no error of the service: who asks for its health is told.
        services.AddLogging(static logging => logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.Critical));
        services.AddSingleton(TimeProvider.System);
        services.AddLiveOptions(options);
        services.AddServerTls("Gateway:Tls", options.Tls);
        services.AddSingleton<GatewayApps>();
        services.AddSingleton<ISessionDirectory, MemorySessionDirectory>();
        services.AddSingleton<ISessionLogStore, MemorySessionLogStore>();
        services.AddSingleton<SessionAccess>();
        services.AddSingleton(CreateHost);
        services.AddSingleton<ViewerTokenKeys>();
        services.AddCallers(options.Callers);
        services.AddSingleton<JoinTokens>();
        services.AddSingleton<OpenCalls>();
        services.AddSingleton<ReaderDirectory>();
        services.AddSingleton<SpeakServices>();
        services.AddSingleton<FeedMetrics>();
        services.AddSingleton<FeedServices>();
        services.AddHostedService<GatewayDrain>();
        services.AddGrpc(GatewayTransport.Configure);
        services.AddGatewayReflection(EncodedSpeechService.Descriptor, EncodedFeedService.Descriptor, SessionService.Descriptor);
        ServedHealth.Add(services);
        services.Configure<HealthCheckPublisherOptions>(publisher => (publisher.Delay, publisher.Period) = (TimeSpan.Zero, HealthInterval));
    }
}
