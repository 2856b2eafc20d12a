using Grpc.AspNetCore.Server;
using Grpc.Lite.Tests.V1;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MotionGateway.Testing;

namespace Grpc.Lite.Tests;

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
        Action<GrpcServiceOptions>? configureGrpc = null,
        Action<KestrelServerOptions>? configureKestrel = null,
        Action<IServiceCollection>? configureServices = null,
        Action<WebApplication>? map = null)
    {
        var log = new TestLoggerProvider();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddProvider(log);
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0").ConfigureKestrel(options =>
        {
            options.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2);
            configureKestrel?.Invoke(options);
        });
        builder.Services.AddRouting();
        builder.Services.AddSingleton<CallObserver>();
        builder.Services.AddGrpc(options => configureGrpc?.Invoke(options));
        configureServices?.Invoke(builder.Services);
        var app = builder.Build();
        app.UseRouting();
        app.MapGrpcService<EchoService>();
        map?.Invoke(app);
        await app.StartAsync();
        return new TestServer(app, log);
    }

    /// <summary>Creates another channel to the server.</summary>
    public GrpcChannel CreateChannel(Action<GrpcChannelOptions>? configure = null)
    {
        var options = new GrpcChannelOptions();
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
