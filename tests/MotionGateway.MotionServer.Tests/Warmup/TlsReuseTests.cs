using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Warmup;

/// <summary>What is saved on TLS: HTTP requests and upgrades share one pool of connections, and new connections resume sessions.</summary>
public sealed class TlsReuseTests
{
    private static readonly MotionAudioFormat Format = new(16000);

    [Fact]
    public async Task FetchTokenAsync_Twice_SharesOneTlsConnection()
    {
        await using TlsServer server = await TlsServer.StartAsync();
        using HttpMessageInvoker http = TlsServer.Http(server);
        await using MotionServerClient client = server.Client(http);

        await client.FetchTokenAsync().DefaultTimeout();
        await client.FetchTokenAsync().DefaultTimeout();

        Assert.Equal([false], server.Resumptions);
        Assert.Equal(2, server.Requests.Count);
        Assert.Single(server.Requests.Select(request => request.Connection).Distinct());
    }

    [Fact]
    public async Task ConnectAsync_AfterPrewarm_UpgradesTheConnectionThatIsOpen()
    {
        await using TlsServer console = await TlsServer.StartAsync();
        await using TlsServer ingress = await TlsServer.StartAsync();
        using HttpMessageInvoker http = TlsServer.Http(console, ingress);
        await using MotionServerClient client = ingress.Client(http, console);

        PrewarmResult result = await client.PrewarmAsync().DefaultTimeout();
        await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).DefaultTimeout();

        Assert.True(result.IsReady);
        Assert.Equal(["HEAD", "upgrade"], ingress.Requests.Select(request => request.Method));
        Assert.Single(ingress.Requests.Select(request => request.Connection).Distinct());
        Assert.Single(ingress.Resumptions);
        Assert.Equal(["POST"], console.Requests.Select(request => request.Method));
    }

    [Fact]
    public async Task ConnectAsync_NoIdleConnection_OffersToResumeTheTlsSession()
    {
        await using TlsServer server = await TlsServer.StartAsync();
        using HttpMessageInvoker http = TlsServer.Http(server);
        await using MotionServerClient client = server.Client(http);
        // The upgrade takes the connection that the token came over; the next token needs another.
        await using IMotionConnection first = await client.ConnectAsync("avatar", Format).DefaultTimeout();

        await using IMotionConnection second = await client.ConnectAsync("avatar", Format).DefaultTimeout();

        Assert.Equal([false, true], server.Resumptions);
        Assert.Equal(["POST", "upgrade", "POST", "upgrade"], server.Requests.Select(request => request.Method));
        Assert.Equal(2, server.Requests.Select(request => request.Connection).Distinct().Count());
    }
}
