using System.Net;
using System.Net.WebSockets;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests;

public sealed class AdmissionTests : IDisposable
{
    private readonly List<ClientWebSocket> _sockets = [];

    public void Dispose() => _sockets.ForEach(socket => socket.Dispose());

    [Fact]
    public async Task Connections_WithoutAToken_TakeNoViewersPlace()
    {
        await using var test = await RelayUnderTest.StartAsync(options => (options.MaxViewers, options.MaxUnverifiedConnections) = (2, 4));
        var session = test.AddSession();
        session.Start("t1");
        var strangers = new List<TestViewer>();
        for (int i = 0; i < 10; i++)
        {
            strangers.Add(await test.ConnectAsync());
        }

        using var first = await test.ViewAsync(start => start.ReaderId = "a");
        using var second = await test.ViewAsync(start => start.ReaderId = "b");
        await first.ReceiveThroughAsync(1);
        await second.ReceiveThroughAsync(1);

        // The oldest made room for those that came after them.
        Assert.Equal(ErrorReason.ReaderLimit, (await strangers[0].ReceiveToEndAsync())?.Reason);
        Assert.Equal(2, test.ViewerCount);
        strangers.ForEach(stranger => stranger.Dispose());
    }

    [Fact]
    public async Task FirstMessage_LargerThanAnyStart_IsNotKept()
    {
        await using var test = await RelayUnderTest.StartAsync();
        using var viewer = await test.ConnectAsync();
        await viewer.StartAsync(start => start.ReaderId = new string('x', 9 * 1024));

        Assert.Equal(ErrorReason.MalformedRequest, (await viewer.ReceiveToEndAsync())?.Reason);
    }

    [Fact]
    public async Task Connections_OfOneAddress_AreBounded()
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.MaxConnectionsPerAddress = 2);

        Assert.Equal(HttpStatusCode.SwitchingProtocols, (await ConnectAsync(test, "192.0.2.1")).HttpStatusCode);
        var last = await ConnectAsync(test, "192.0.2.1");
        var refused = await ConnectAsync(test, "192.0.2.1");
        var forged = await ConnectAsync(test, "198.51.100.7, 192.0.2.1");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.HttpStatusCode);
        Assert.Equal("30", refused.HttpResponseHeaders!["Retry-After"].Single());
        Assert.Equal(HttpStatusCode.TooManyRequests, forged.HttpStatusCode);
        Assert.Equal(HttpStatusCode.SwitchingProtocols, (await ConnectAsync(test, "192.0.2.2")).HttpStatusCode);
        Assert.Equal(HttpStatusCode.SwitchingProtocols, (await ConnectAsync(test, address: null)).HttpStatusCode);

        await last.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).DefaultTimeout();
        var again = HttpStatusCode.TooManyRequests;
        while (again == HttpStatusCode.TooManyRequests)
        {
            again = (await ConnectAsync(test, "192.0.2.1")).HttpStatusCode;
        }

        Assert.Equal(HttpStatusCode.SwitchingProtocols, again);
    }

    [Fact]
    public async Task Connections_OfOneNetworkOfIpv6_CountAsOneAddress()
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.MaxConnectionsPerAddress = 1);

        Assert.Equal(HttpStatusCode.SwitchingProtocols, (await ConnectAsync(test, "2001:db8::1")).HttpStatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await ConnectAsync(test, "2001:db8::2")).HttpStatusCode);
        Assert.Equal(HttpStatusCode.SwitchingProtocols, (await ConnectAsync(test, "2001:db8:0:1::1")).HttpStatusCode);
    }

    [Fact]
    public async Task Connections_FasterThanTheRate_AreToldToWait()
    {
        var time = new FakeTimeProvider();
        await using var test = await RelayUnderTest.StartAsync(options => options.ConnectionsPerSecondPerAddress = 1, time);

        Assert.Equal(HttpStatusCode.SwitchingProtocols, (await ConnectAsync(test, "192.0.2.1")).HttpStatusCode);
        Assert.Equal(HttpStatusCode.SwitchingProtocols, (await ConnectAsync(test, "192.0.2.1")).HttpStatusCode);
        var refused = await ConnectAsync(test, "192.0.2.1");
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.HttpStatusCode);
        Assert.Equal("1", refused.HttpResponseHeaders!["Retry-After"].Single());
        Assert.Equal(HttpStatusCode.SwitchingProtocols, (await ConnectAsync(test, "192.0.2.1")).HttpStatusCode);
    }

    [Fact]
    public async Task Readers_OfOneViewer_DoNotFillTheSession()
    {
        await using var test = await RelayUnderTest.StartAsync(
            options => (options.MaxViewersPerSession, options.MaxReadersPerViewer) = (4, 2));
        var session = test.AddSession();
        session.Start("t1");
        using var first = await test.ViewAsync(start => start.ReaderId = "a");
        using var second = await test.ViewAsync(start => start.ReaderId = "b");
        using var third = await test.ViewAsync(start => start.ReaderId = "c");
        using var other = await test.ViewAsync(start => start.ViewerToken = test.Token(viewerId: "somebody else"));
        await other.ReceiveThroughAsync(1);

        Assert.Equal(ErrorReason.ReaderLimit, (await third.ReceiveToEndAsync())?.Reason);
        Assert.Equal(3, test.ViewerCount);
    }

    private async Task<ClientWebSocket> ConnectAsync(RelayUnderTest test, string? address)
    {
        var socket = new ClientWebSocket();
        _sockets.Add(socket);
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.AddSubProtocol("motiongateway.v1");
        if (address is not null)
        {
            socket.Options.SetRequestHeader("X-Forwarded-For", address);
        }

        try
        {
            var uri = new Uri(test.Address.Replace("http", "ws", StringComparison.Ordinal) + "/v1/sessions/x/feed");
            await socket.ConnectAsync(uri, CancellationToken.None).DefaultTimeout();
        }
        catch (WebSocketException)
        {
            Assert.NotEqual(WebSocketState.Open, socket.State);
        }

        return socket;
    }
}
