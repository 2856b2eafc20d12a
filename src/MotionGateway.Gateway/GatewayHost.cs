using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using MotionGateway.MotionServer;
using MotionGateway.Protocol;
using MotionGateway.Sessions;

namespace MotionGateway.Gateway;

/// <summary>Builds a gateway: the gRPC services over sessions, health and reflection, on Kestrel.</summary>
public static class GatewayHost
{
    private const int MaxRequestBytes = 1024 * 1024;

    /// <summary>Builds a gateway that is not yet started.</summary>
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

        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.WebHost.UseUrls(options.Urls).ConfigureKestrel(Configure);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.ShutdownGrace + TimeSpan.FromSeconds(5));
        AddServices(builder.Services, options);
        configure?.Invoke(builder);

        var app = builder.Build();
        app.MapGrpcService<SpeechCalls>();
        app.MapGrpcService<FeedCalls>();
        app.MapGrpcService<SessionCalls>();
        app.MapGrpcHealthChecksService();
        app.MapGrpcReflectionService();
        return app;
    }

    // Streams that stall must not starve the others of their connection, and a connection may carry many sessions.
    private static void Configure(KestrelServerOptions kestrel)
    {
        kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2);
        kestrel.Limits.Http2.MaxStreamsPerConnection = 10_000;
        kestrel.Limits.Http2.InitialConnectionWindowSize = 64 * 1024 * 1024;
        kestrel.Limits.Http2.InitialStreamWindowSize = 1024 * 1024;
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(20);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
    }

    private static void AddServices(IServiceCollection services, GatewayOptions options)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(Options.Create(options));
        services.AddSingleton(provider => new MotionServerClient(
            options.MotionServer, timeProvider: provider.GetRequiredService<TimeProvider>(),
            loggerFactory: provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton(provider => new MotionConnectionPool(
            provider.GetRequiredService<MotionServerClient>(), options.MotionServerPool,
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton(provider => new SessionHost(
            provider.GetRequiredService<MotionConnectionPool>(),
            new SessionHostOptions
            {
                MaxSessions = options.MaxSessions,
                Limits = options.Limits,
                Reconnect = options.MotionServerReconnect,
            },
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => options.ViewerTokenKeyFile is { } path
            ? ViewerTokenSigner.LoadOrCreate(path, provider.GetRequiredService<TimeProvider>())
            : ViewerTokenSigner.CreateInMemory(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new ViewerTokenVerifier(
            provider.GetRequiredService<ViewerTokenSigner>().GetJwks(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<OpenCalls>();
        services.AddSingleton<ReaderDirectory>();
        services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = MaxRequestBytes);
        services.AddGrpcReflection();
        services.AddGrpcHealthChecks().AddCheck("gateway", () => HealthCheckResult.Healthy());
    }
}
