using MotionGateway.MotionServer.Tests.Scripted;

namespace MotionGateway.MotionServer.Tests.Warmup;

/// <summary>What is saved on TLS: HTTP requests and upgrades share one pool of connections, and new connections resume sessions.</summary>
public sealed class TlsReuseTests
{
    private static readonly MotionAudioFormat Format = new(16000);

    [Fact]
    public async Task FetchTokenAsync_Twice_SharesOneTlsConnection()
    {
        await using TlsServer server = await TlsServer.StartAsync();
        using HttpMessageInvoker http = server.Http();
        await using MotionServerClient client = server.Client(http);

        await client.FetchTokenAsync().Soon();
        await client.FetchTokenAsync().Soon();

        Assert.Equal([false], server.Resumptions);
        Assert.Equal(2, server.Requests.Count);
        Assert.Single(server.Requests.Select(request => request.Connection).Distinct());
    }

    [Fact]
    public async Task ConnectAsync_AfterPrewarm_UpgradesAConnectionThatIsOpen()
    {
        await using TlsServer server = await TlsServer.StartAsync();
        using HttpMessageInvoker http = server.Http();
        await using MotionServerClient client = server.Client(http);
        PrewarmResult result = await client.PrewarmAsync().Soon();
        int handshakes = server.Resumptions.Count;
        string[] warm = [.. server.Requests.Select(request => request.Connection)];

        await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).Soon();

        Assert.True(result.IsReady);
        Assert.Equal(["HEAD", "POST", "upgrade"], server.Requests.Select(request => request.Method).Order());
        Assert.Contains(server.Requests.Last().Connection, warm);
        Assert.Equal(handshakes, server.Resumptions.Count);
    }

    [Fact]
    public async Task ConnectAsync_NoIdleConnection_OffersToResumeTheTlsSession()
    {
        await using TlsServer server = await TlsServer.StartAsync();
        using HttpMessageInvoker http = server.Http();
        await using MotionServerClient client = server.Client(http);
        // The upgrade takes the connection that the token came over; the next token needs another.
        await using IMotionConnection first = await client.ConnectAsync("avatar", Format).Soon();

        await using IMotionConnection second = await client.ConnectAsync("avatar", Format).Soon();

        Assert.Equal([false, true], server.Resumptions);
        Assert.Equal(["POST", "upgrade", "POST", "upgrade"], server.Requests.Select(request => request.Method));
        Assert.Equal(2, server.Requests.Select(request => request.Connection).Distinct().Count());
    }
}
