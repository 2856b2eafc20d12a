using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MotionGateway.Hosting;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests;

public sealed class HostingTests
{
    [Fact]
    public async Task Health_GatewayGoesAndComes_IsDegradedAndStaysInService()
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.KeyRefreshInterval = TimeSpan.FromMilliseconds(50));
        using var http = new HttpClient { BaseAddress = new Uri(test.Address) };
        await UntilStatusAsync(test, "ready");

        await test.StopGatewayAsync();
        await UntilStatusAsync(test, "degraded");
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri("/healthz", UriKind.Relative))).StatusCode);

        await test.StartGatewayAsync();
        await UntilStatusAsync(test, "ready");
    }

    [Fact]
    public async Task Health_TheRelayIsFull_IsNotReady()
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.MaxViewers = 1);
        test.AddSession();
        Assert.True(await test.IsReadyAsync());

        using var viewer = await test.ViewAsync();

        Assert.False(await test.IsReadyAsync());
    }

    [Fact]
    public async Task Log_AViewerComesAndLeaves_IsToldWithItsNameAndCount()
    {
        await using var test = await RelayUnderTest.StartAsync();
        test.AddSession();
        var first = await test.ViewAsync(start => (start.ViewerToken, start.ReaderId) = (test.Token(viewerId: "anna"), "phone"));
        using var second = await test.ViewAsync(start => start.ViewerToken = test.Token(viewerId: "bert"));

        await first.CloseAsync();
        first.Dispose();
        await RelayUnderTest.UntilAsync(() => test.ViewerCount == 1, "the viewer had left");

        Assert.Contains(test.Log, entry => entry.Message == "Viewer anna follows session session-1 as reader phone: 1 viewers of it here.");
        string left = test.Log.Single(entry => entry.Message.StartsWith("Viewer anna has left", StringComparison.Ordinal)).Message;
        Assert.Matches("reader phone, closed by it, after .* s: 1 viewers of it stay here", left);
    }

    // A viewer token stands in some addresses, which the HTTP server's own lines and scopes name.
    [Fact]
    public async Task Log_OfTheHttpServer_IsWarningsOnlyWhateverTheSettingsSay()
    {
        await using var test = await RelayUnderTest.StartAsync(extend: builder => builder.Logging
            .AddFilter("Microsoft", LogLevel.Trace).AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Trace)
            .AddFilter("Microsoft.AspNetCore.Server", LogLevel.Error));
        using var http = new HttpClient { BaseAddress = new Uri(test.Address) };
        string token = test.Token();
        using var answer = await http.GetAsync(new Uri($"/d/{token}/healthz", UriKind.Relative));

        var loggers = test.Relay.Services.GetRequiredService<ILoggerFactory>();
        Assert.False(loggers.CreateLogger("Microsoft.AspNetCore.Hosting.Diagnostics").IsEnabled(LogLevel.Critical));
        Assert.False(loggers.CreateLogger("Microsoft.AspNetCore.Routing").IsEnabled(LogLevel.Information));
        Assert.False(loggers.CreateLogger("Microsoft.AspNetCore.Server.Kestrel").IsEnabled(LogLevel.Warning));
        Assert.DoesNotContain(test.Log, entry => entry.Message.Contains(token, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Page_NotBuilt_SaysHowToBuildIt()
    {
        await using var test = await RelayUnderTest.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(test.Address) };

        using var answer = await http.GetAsync(new Uri("/", UriKind.Relative));

        Assert.Contains("built by Node", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        string policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; ", policy, StringComparison.Ordinal);
        Assert.All(
            policy.Split("; "), directive => Assert.Contains(directive.Split(' ', 2)[1], (string[])["'self'", "'none'"]));
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
        Assert.Contains("camera=()", answer.Headers.GetValues("Permissions-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Demo_OfARelayThatIsNone_HasNoContent()
    {
        await using var test = await RelayUnderTest.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(test.Address) };

        using var answer = await http.GetAsync(new Uri("/demo", UriKind.Relative));

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    [Fact]
    public async Task Page_Built_IsServed()
    {
        var directory = Directory.CreateTempSubdirectory("page-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(directory.FullName, "index.html"), "the page");
            await File.WriteAllTextAsync(Path.Combine(directory.FullName, "app.js"), "1");
            await using var test = await RelayUnderTest.StartAsync(options => options.PageDirectory = directory.FullName);
            using var http = new HttpClient { BaseAddress = new Uri(test.Address) };

            Assert.Equal("the page", await http.GetStringAsync(new Uri("/", UriKind.Relative)));
            using var script = await http.GetAsync(new Uri("/app.js", UriKind.Relative));
            Assert.Equal("text/javascript", script.Content.Headers.ContentType?.MediaType);
            using var outside = await http.GetAsync(new Uri("/%2e%2e/etc/passwd", UriKind.Relative));
            Assert.Equal(HttpStatusCode.NotFound, outside.StatusCode);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("motiongateway.v0")]
    public async Task Feed_WithoutAKnownSubprotocol_IsRefused(string? subprotocol)
    {
        await using var test = await RelayUnderTest.StartAsync();

        Assert.Equal(HttpStatusCode.BadRequest, await ConnectAsync(test, subprotocol, origin: null));
    }

    [Fact]
    public async Task Feed_FromAnOriginThatIsNotAllowed_IsRefused()
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.AllowedOrigins.Add("https://good.example"));

        Assert.Equal(HttpStatusCode.Forbidden, await ConnectAsync(test, "motiongateway.v1", "https://bad.example"));
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await ConnectAsync(test, "motiongateway.v1", "https://good.example"));
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await ConnectAsync(test, "motiongateway.v1", origin: null));
    }

    // What a browser does with a relay, or a proxy, that speaks HTTP/2: many feeds share one connection.
    [Fact]
    public async Task Feed_OverHttp2_IsServedToItsEnd()
    {
        await using var test = await StartHttp2Async();
        var session = test.AddSession();
        session.Start("t1");
        session.Audios("t1", 100);
        session.End("t1");
        using var handler = new SocketsHttpHandler();
        using var http = new HttpMessageInvoker(handler);
        var uri = new Uri(test.Address.Replace("http", "ws", StringComparison.Ordinal) + "/v1/sessions/session-1/feed");
        using var viewer = await TestViewer.ConnectAsync(uri, json: false, acknowledge: true, http);
        using var other = await TestViewer.ConnectAsync(uri, json: true, acknowledge: true, http);
        foreach (var one in (TestViewer[])[viewer, other])
        {
            await one.StartAsync(start => (start.ViewerToken, start.ReaderId, start.Position) =
                (test.Token(), $"{one == viewer}", new Position { Epoch = 1, Sequence = 0 }));
            await one.ReceiveThroughAsync(102);
        }

        session.Close();

        Assert.Null(await viewer.ReceiveToEndAsync());
        Assert.Null(await other.ReceiveToEndAsync());
        viewer.AssertContiguous();
        other.AssertContiguous();
        Assert.Equal(1000, viewer.CloseCode);
    }

    [Fact]
    public async Task Feed_OverHttp2WithoutAToken_IsClosedWithItsReason()
    {
        await using var test = await StartHttp2Async();
        using var handler = new SocketsHttpHandler();
        using var http = new HttpMessageInvoker(handler);
        using var viewer = await TestViewer.ConnectAsync(
            new Uri(test.Address.Replace("http", "ws", StringComparison.Ordinal) + "/v1/sessions/x/feed"), json: false, acknowledge: true, http);
        await viewer.StartAsync();

        Assert.Equal(ErrorReason.ViewerTokenInvalid, (await viewer.ReceiveToEndAsync())?.Reason);
        Assert.Equal(4024, viewer.CloseCode);
    }

    [Theory]
    [InlineData("https://good.example", true)]
    [InlineData("https://bad.example", false)]
    public async Task Page_OfAnotherOrigin_MayReadWhatItIsAnsweredWhereItIsAllowed(string origin, bool isAllowed)
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.AllowedOrigins.Add("https://good.example"));
        using var http = new HttpClient { BaseAddress = new Uri(test.Address) };
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/v1/sessions/x/feed");
        preflight.Headers.Add("Origin", origin);
        preflight.Headers.Add("Access-Control-Request-Method", "GET");
        preflight.Headers.Add("Access-Control-Request-Headers", "authorization");
        using var get = new HttpRequestMessage(HttpMethod.Get, "/v1/sessions/x/feed");
        get.Headers.Add("Origin", origin);

        using var allowed = await http.SendAsync(preflight);
        using var answer = await http.SendAsync(get);

        Assert.Equal(isAllowed, allowed.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Equal(isAllowed, answer.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task Page_OfAnOriginThatIsAllowedWhileTheRelayRuns_MayReadFromThenOn()
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.AllowedOrigins.Add("https://old.example"));
        using var http = new HttpClient { BaseAddress = new Uri(test.Address) };
        Assert.Equal((true, false), (await MayReadAsync("https://old.example"), await MayReadAsync("https://new.example")));

        test.Relay.Services.GetRequiredService<LiveOptions<EdgeRelayOptions>>().Replace(new EdgeRelayOptions { AllowedOrigins = { "https://new.example" } });

        Assert.Equal((false, true), (await MayReadAsync("https://old.example"), await MayReadAsync("https://new.example")));

        async Task<bool> MayReadAsync(string origin)
        {
            using var post = new HttpRequestMessage(HttpMethod.Post, "/v1/sessions/x/tickets");
            post.Headers.Add("Origin", origin);
            using var answer = await http.SendAsync(post);
            Assert.Equal(answer.Headers.Contains("Access-Control-Allow-Origin"), answer.StatusCode != HttpStatusCode.Forbidden);
            return answer.Headers.Contains("Access-Control-Allow-Origin");
        }
    }

    [Fact]
    public async Task Feed_WithoutAWebSocket_IsRefused()
    {
        await using var test = await RelayUnderTest.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(test.Address) };

        using var answer = await http.GetAsync(new Uri("/v1/sessions/x/feed", UriKind.Relative));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("WebSocket", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public void Build_OptionsThatCannotBeUsed_NamesEveryProblem()
    {
        var options = new EdgeRelayOptions
        {
            Urls = "nowhere",
            GatewayAddress = "",
            MaxViewers = 0,
            WindowBytes = 1,
            PeerTimeout = TimeSpan.FromSeconds(1),
            FeedLinger = TimeSpan.FromSeconds(-1),
        };
        options.AllowedOrigins.Add("https://example.com/");

        var exception = Assert.Throws<OptionsValidationException>(() => EdgeRelayHost.Build(options));

        Assert.Equal(7, exception.Failures.Count());
        foreach (string name in new[]
        {
            nameof(options.Urls), nameof(options.GatewayAddress), nameof(options.MaxViewers), nameof(options.WindowBytes),
            nameof(options.PeerTimeout), nameof(options.FeedLinger), nameof(options.AllowedOrigins),
        })
        {
            Assert.Contains(exception.Failures, failure => failure.StartsWith(name + " ", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("http://*:8080")]
    [InlineData("http://+:80;http://127.0.0.1:0")]
    [InlineData("http://[::1]:8080")]
    public void Validate_UrlsToListenOn_Passes(string urls) => Assert.Empty(new EdgeRelayOptions { Urls = urls }.Validate());

    private static Task<RelayUnderTest> StartHttp2Async() => RelayUnderTest.StartAsync(extend: builder => builder.WebHost.ConfigureKestrel(
        kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2)));

    private static async Task<HttpStatusCode> ConnectAsync(RelayUnderTest test, string? subprotocol, string? origin)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (subprotocol is not null)
        {
            socket.Options.AddSubProtocol(subprotocol);
        }

        if (origin is not null)
        {
            socket.Options.SetRequestHeader("Origin", origin);
        }

        try
        {
            var uri = new Uri(test.Address.Replace("http", "ws", StringComparison.Ordinal) + "/v1/sessions/x/feed");
            await socket.ConnectAsync(uri, CancellationToken.None);
        }
        catch (WebSocketException)
        {
            Assert.NotEqual(WebSocketState.Open, socket.State);
        }

        return socket.HttpStatusCode;
    }

    private static async Task UntilStatusAsync(RelayUnderTest test, string status)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (await test.ReadStatusAsync() != status)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TaskTimeoutExtensions.Limit, $"The relay did not become {status}.");
            await Task.Delay(20);
        }
    }
}
