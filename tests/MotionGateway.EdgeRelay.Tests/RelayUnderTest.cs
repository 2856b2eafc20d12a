using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.Protocol;
using MotionGateway.Testing;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>A relay and the fake gateway that it follows, on free ports of this machine.</summary>
internal sealed class RelayUnderTest : IAsyncDisposable
{
    // Far above what a test needs: one that tests a limit sets its own.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly TestLoggerProvider _log = new();
    private readonly HeldPort _gatewayPort = HeldPort.Take();
    private WebApplication? _gateway;

    private RelayUnderTest()
    {
    }

    public FakeGatewayState State { get; } = new();

    public WebApplication Relay { get; private set; } = null!;

    public string Address => Relay.Urls.First();

    public int FeedCount => Relay.Services.GetRequiredService<FeedDirectory>().Count;

    public int ViewerCount => Relay.Services.GetRequiredService<ViewerRegistry>().Count;

    public IReadOnlyCollection<LogEntry> Log => _log.Entries;

    /// <summary>Starts the fake gateway and a relay.</summary>
    /// <param name="configure">Sets options of the relay.</param>
    /// <param name="time">The clock of the relay and of the tokens; null for the true one.</param>
    /// <param name="extend">Adds to the relay.</param>
    public static async Task<RelayUnderTest> StartAsync(
        Action<EdgeRelayOptions>? configure = null, FakeTimeProvider? time = null, Action<WebApplicationBuilder>? extend = null)
    {
        var test = new RelayUnderTest();
        if (time is not null)
        {
            test.State.Signer = ViewerTokenSigner.CreateInMemory(time);
        }

        await test.StartGatewayAsync();
        var options = new EdgeRelayOptions
        {
            Urls = "http://127.0.0.1:0",
            GatewayAddress = test._gatewayPort.Url,
            ShutdownGrace = TimeSpan.FromMilliseconds(100),
            StartTimeout = Patience,
            StallTimeout = Patience,
            WriteTimeout = Patience,
            PeerTimeout = Patience,
            TurnHeartbeatInterval = Patience,
            GatewayPingTimeout = Patience,
        };
        configure?.Invoke(options);
        test.Relay = EdgeRelayHost.Build(options, builder =>
        {
            builder.Logging.AddProvider(test._log).SetMinimumLevel(LogLevel.Debug);
            builder.Services.AddSingleton<TimeProvider>(time ?? TimeProvider.System);
            extend?.Invoke(builder);
        });
        await test.Relay.StartAsync().DefaultTimeout();
        await UntilAsync(() => test.Relay.Services.GetRequiredService<ViewerKeys>().HasKeys, "the relay had its keys");
        return test;
    }

    /// <summary>Starts another relay, which follows the same gateway and shares nothing else with the first.</summary>
    public async Task<WebApplication> StartAnotherRelayAsync()
    {
        var options = new EdgeRelayOptions { Urls = "http://127.0.0.1:0", GatewayAddress = _gatewayPort.Url };
        var relay = EdgeRelayHost.Build(options, builder => builder.Logging.AddProvider(_log));
        await relay.StartAsync().DefaultTimeout();
        return relay;
    }

    public FakeSession AddSession(string id = "session-1", uint epoch = 1, long after = 0, long maxBytes = 16 * 1024 * 1024) =>
        State.Sessions[id] = new FakeSession(id, epoch, after, maxBytes);

    public string Token(
        string sessionId = "session-1", string viewerId = "viewer-1",
        ViewerPermissions permissions = ViewerPermissions.None, int lifetimeSeconds = 3600) =>
        State.Signer.Issue(sessionId, viewerId, permissions, TimeSpan.FromSeconds(lifetimeSeconds)).Token;

    /// <summary>Connects a viewer, starts its feed and receives the answer.</summary>
    public async Task<TestViewer> ViewAsync(Action<V1.StartFeed>? configure = null, bool json = false, bool acknowledge = true)
    {
        var viewer = await ConnectAsync(json, acknowledge: acknowledge);
        await viewer.StartAsync(start =>
        {
            start.ViewerToken = Token();
            configure?.Invoke(start);
        });
        await viewer.ReceiveAsync();
        return viewer;
    }

    /// <summary>Whether the relay says that it is ready.</summary>
    public async Task<bool> IsReadyAsync()
    {
        using var http = new HttpClient { BaseAddress = new Uri(Address) };
        using var answer = await http.GetAsync(new Uri("/readyz", UriKind.Relative)).DefaultTimeout();
        return answer.IsSuccessStatusCode;
    }

    /// <summary>What the relay says of its state.</summary>
    public async Task<string> ReadStatusAsync()
    {
        using var http = new HttpClient { BaseAddress = new Uri(Address) };
        using var answer = JsonDocument.Parse(await http.GetStringAsync(new Uri("/readyz", UriKind.Relative)).DefaultTimeout());
        return answer.RootElement.GetProperty("status").GetString()!;
    }

    /// <summary>Asks for a feed as a WebSocket client does, for what is told of a refusal.</summary>
    public async Task<HttpResponseMessage> AskForFeedAsync()
    {
        using var http = new HttpClient { BaseAddress = new Uri(Address) };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/sessions/session-1/feed");
        request.Headers.Add("Connection", "Upgrade");
        request.Headers.Add("Upgrade", "websocket");
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        request.Headers.Add("Sec-WebSocket-Protocol", "motiongateway.v1");
        return await http.SendAsync(request).DefaultTimeout();
    }

    public Task<TestViewer> ConnectAsync(bool json = false, string sessionId = "session-1", bool acknowledge = true) =>
        TestViewer.ConnectAsync(new Uri($"{Address.Replace("http", "ws", StringComparison.Ordinal)}/v1/sessions/{sessionId}/feed"), json, acknowledge);

    /// <summary>Hears of each measurement of one of the relay's counters until the result is disposed.</summary>
    /// <param name="counter">The counter's name.</param>
    /// <param name="counted">Is told the value of the measurement's first tag.</param>
    public MeterListener Listen(string counter, Action<string?> counted) => Listen(Relay, counter, counted);

    /// <summary>The same of any server's counters.</summary>
    public static MeterListener Listen(WebApplication server, string counter, Action<string?> counted)
    {
        var factory = server.Services.GetRequiredService<IMeterFactory>();
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Scope == factory && instrument.Name == counter)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => counted(tags.Length > 0 ? $"{tags[0].Value}" : null));
        listener.Start();
        return listener;
    }

    /// <summary>Ends the gateway's server: its port refuses connections.</summary>
    public async Task StopGatewayAsync()
    {
        await State.Drop.CancelAsync();
        await _gateway!.StopAsync();
        await _gateway.DisposeAsync();
        _gateway = null;
    }

    /// <summary>Starts the gateway's server, at the same port as before.</summary>
    public async Task StartGatewayAsync()
    {
        State.Drop = new CancellationTokenSource();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(_gatewayPort.Url)
            .ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2));
        builder.Services.AddSingleton(State);
        builder.Services.AddGrpc();
        _gateway = builder.Build();
        _gateway.Use((context, next) =>
        {
            State.Credentials.Enqueue(context.Request.Headers.Authorization.ToString());
            return next(context);
        });
        _gateway.MapGrpcService<FakeFeedService>();
        _gateway.MapGrpcService<FakeSessionService>();
        await _gateway.StartAsync().DefaultTimeout();
    }

    /// <summary>Polls until a condition holds that nothing signals to a test.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TaskTimeoutExtensions.Limit, $"In vain waited until {what}.");
            await Task.Delay(10);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Relay.StopAsync();
        await Relay.DisposeAsync();
        if (_gateway is not null)
        {
            await StopGatewayAsync();
        }

        _gatewayPort.Dispose();
        await Task.WhenAll(State.Readings).DefaultTimeout();
        _log.AssertNoErrors();
    }
}
