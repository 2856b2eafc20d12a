using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MotionGateway.Gateway;
using MotionGateway.Interop.Tests.V1;
using MotionGateway.Protocol;
using MotionGateway.Testing;

namespace MotionGateway.Interop.Tests;

/// <summary>A server with the test service on a port of its own, and a channel to it.</summary>
public sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private bool _isStopped;

    private TestServer(WebApplication app, TestLoggerProvider log)
    {
        _app = app;
        Log = log;
        Address = app.Urls.Single();
        Channel = CreateChannel();
    }

    /// <summary>Where the server listens.</summary>
    public string Address { get; }

    /// <summary>A channel to the server.</summary>
    public GrpcChannel Channel { get; }

    /// <summary>A client on <see cref="Channel"/>.</summary>
    public InteropService.InteropServiceClient Client => new(Channel);

    /// <summary>The server's log.</summary>
    public TestLoggerProvider Log { get; }

    /// <summary>Sees into the service's calls.</summary>
    public CallObserver Calls => Services.GetRequiredService<CallObserver>();

    /// <summary>The server's services.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Starts a server.</summary>
    public static async Task<TestServer> StartAsync(
        TimeSpan? requestTimeout = null,
        Action<KestrelServerOptions>? configureKestrel = null,
        Action<IServiceCollection>? configureServices = null)
    {
        var log = new TestLoggerProvider();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddProvider(log);
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0").ConfigureKestrel(options =>
        {
            GatewayTransport.Configure(options);
            configureKestrel?.Invoke(options);
        });
        builder.Services.AddRouting();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<CallObserver>();
        builder.Services.AddGrpc(GatewayTransport.Configure);
        builder.Services.AddGatewayReflection(InteropService.Descriptor);
        configureServices?.Invoke(builder.Services);
        var app = builder.Build();
        app.UseRouting();
        app.UseRequestBudgets(requestTimeout ?? TaskTimeoutExtensions.Limit);
        app.MapGrpcService<EchoService>();
        app.MapGrpcReflectionService();
        await app.StartAsync();
        return new TestServer(app, log);
    }

    /// <summary>Creates another channel to the server.</summary>
    public GrpcChannel CreateChannel(Action<GrpcChannelOptions>? configure = null)
    {
        var options = new GrpcChannelOptions { HttpHandler = GatewayChannel.CreateHandler() };
        configure?.Invoke(options);
        return GrpcChannel.ForAddress(Address, options);
    }

    /// <summary>Stops the server; calls that go on are aborted when the token is cancelled.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _isStopped = true;
        await _app.StopAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        if (!_isStopped)
        {
            await _app.StopAsync().DefaultTimeout();
        }

        await _app.DisposeAsync();
        Log.AssertNoErrors();
    }
}
