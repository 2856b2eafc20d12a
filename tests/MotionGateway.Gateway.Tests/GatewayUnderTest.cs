using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using MotionGateway.LocalMotion;
using MotionGateway.MotionServer;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>A gateway with a Motion Server of its own, on free ports of this machine.</summary>
public sealed class GatewayUnderTest : IAsyncDisposable
{
    private GatewayUnderTest(LocalMotionServer motionServer, WebApplication app)
    {
        MotionServer = motionServer;
        App = app;
        Address = app.Urls.First();
        Channel = GrpcChannel.ForAddress(Address, new GrpcChannelOptions { HttpHandler = CreateHandler() });
    }

    public LocalMotionServer MotionServer { get; }

    public WebApplication App { get; }

    public string Address { get; }

    public GrpcChannel Channel { get; }

    public SpeechService.SpeechServiceClient Speech => new(Channel);

    public FeedService.FeedServiceClient Feed => new(Channel);

    public SessionService.SessionServiceClient Sessions => new(Channel);

    public static async Task<GatewayUnderTest> StartAsync(Action<GatewayOptions>? configure = null)
    {
        var motionServer = await LocalMotionServer.StartAsync();
        var options = new GatewayOptions
        {
            Urls = "http://127.0.0.1:0",
            MotionServer = new MotionServerOptions
            {
                AppId = "local-app",
                ApiKey = "local-key",
                ConsoleUrl = motionServer.ConsoleUrl,
                IngressUrl = motionServer.IngressUrl,
            },
            ShutdownGrace = TimeSpan.FromMilliseconds(200),
        };
        configure?.Invoke(options);
        var app = GatewayHost.Build(options, builder => builder.Logging.SetMinimumLevel(LogLevel.Warning));
        await app.StartAsync();
        return new GatewayUnderTest(motionServer, app);
    }

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
        await MotionServer.DisposeAsync();
    }

    private static SocketsHttpHandler CreateHandler() => new()
    {
        EnableMultipleHttp2Connections = true,
        InitialHttp2StreamWindowSize = 1024 * 1024,
    };
}
