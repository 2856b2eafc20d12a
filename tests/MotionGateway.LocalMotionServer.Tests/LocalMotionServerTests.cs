using System.Net.WebSockets;

namespace MotionGateway.LocalMotion.Tests;

public sealed class LocalMotionServerTests
{
    [Fact]
    public async Task Start_WithDefaults_TellsTheUrlsOfAFreeLoopbackPort()
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync();

        Assert.True(server.BaseAddress.IsLoopback);
        Assert.NotEqual(0, server.BaseAddress.Port);
        Assert.Equal($"http://127.0.0.1:{server.BaseAddress.Port}/v1/console", server.ConsoleUrl.ToString());
        Assert.Equal($"ws://127.0.0.1:{server.BaseAddress.Port}/v2/driveningress", server.IngressUrl.ToString());
    }

    [Fact]
    public async Task Start_WithWrongOptions_NamesEveryOne()
    {
        var options = new LocalMotionServerOptions
        {
            AppId = "",
            ApiKey = "fault-token-x",
            Port = 70000,
            FirstSegment = TimeSpan.FromMilliseconds(50),
            WriteTimeout = TimeSpan.Zero,
            MaxConnections = 0,
        };
        ArgumentException exception = await Assert.ThrowsAsync<ArgumentException>(() => LocalMotionServer.StartAsync(options));

        Assert.All(
            [nameof(options.AppId), nameof(options.ApiKey), nameof(options.Port), nameof(options.FirstSegment), nameof(options.WriteTimeout), nameof(options.MaxConnections)],
            name => Assert.Contains(name, exception.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_WithMoreToKeepOfARequestThanCanBeRead_NamesTheBound()
    {
        const int Most = 1024 * 1024 * 1024;
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { KeptEgressBytesPerRequest = Most });

        ArgumentException exception = await Assert.ThrowsAsync<ArgumentException>(
            () => LocalMotionServer.StartAsync(new LocalMotionServerOptions { KeptEgressBytesPerRequest = Most + 1 }));
        Assert.Contains("KeptEgressBytesPerRequest is greater than 1073741824 (1 GiB).", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://*:0")]
    [InlineData("http://127.0.0.1:0;http://[::]:0")]
    public async Task Start_BeyondLoopbackWithTheDefaultKey_IsRefused(string urls)
    {
        ArgumentException exception = await Assert.ThrowsAsync<ArgumentException>(() => LocalMotionServer.StartAsync(new LocalMotionServerOptions { Urls = urls }));
        Assert.Contains("beyond loopback", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://localhost:0")]
    [InlineData("http://127.0.0.1:0;http://LOCALHOST:0/")]
    public async Task Start_AtAFreePortOfLocalhost_SaysWhatToWrite(string urls)
    {
        ArgumentException exception = await Assert.ThrowsAsync<ArgumentException>(() => LocalMotionServer.StartAsync(new LocalMotionServerOptions { Urls = urls }));
        Assert.Contains("write http://127.0.0.1:0", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithAnotherAppAndSegments_UsesThem()
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions
        {
            AppId = "app",
            ApiKey = "key",
            FirstSegment = TimeSpan.FromMilliseconds(400),
            NextSegments = TimeSpan.FromMilliseconds(200),
        });
        using RawClient client = await RawClient.ConnectAsync(server, "avatar", await RawClient.TokenAsync(server, "key"), "app");
        await client.ConfigureAsync(new() { SampleRate = 8000 });
        await client.SendAudioAsync("turn", Speech.Silence(8000), end: true);

        Assert.Equal([10, 5, 5, 5], (await client.ReceiveTurnAsync()).Select(animation => animation.Animation.Keyframes.Count));
    }

    [Fact]
    public async Task Dispose_WithAConnection_ClosesItWith1001AndIsHarmlessTwice()
    {
        LocalMotionServer server = await LocalMotionServer.StartAsync();
        using RawClient client = await RawClient.OpenAsync(server);
        Task disposing = server.DisposeAsync().AsTask();

        Assert.Null(await client.ReceiveAsync());
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, client.CloseStatus);
        await client.CloseAsync();
        await disposing;
        await server.DisposeAsync();
        Assert.Equal(0, server.Counters.ConnectionsOpen);
    }
}
