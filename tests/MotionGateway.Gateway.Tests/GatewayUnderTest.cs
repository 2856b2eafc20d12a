using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.Hosting;
using MotionGateway.LocalMotion;
using MotionGateway.MotionServer;
using MotionGateway.Protocol;
using MotionGateway.Sessions;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>A gateway with a Motion Server of its own, on free ports of this machine.</summary>
public sealed class GatewayUnderTest : IAsyncDisposable
{
    private readonly FakeTimeProvider? _time;
    private Task? _shutdown;

    private readonly GatewayOptions _options;

    private GatewayUnderTest(LocalMotionServer motionServer, GatewayOptions options, WebApplication app, TestLoggerProvider log, FakeTimeProvider? time)
    {
        _time = time;
        _options = options;
        Log = log;
        MotionServer = motionServer;
        App = app;
        Address = app.Urls.First();
        Channel = GatewayChannel.ForAddress(new Uri(Address));
    }

    public LocalMotionServer MotionServer { get; }

    public WebApplication App { get; }

    public string Address { get; }

    /// <summary>The gateway's log; an error in it that nobody expected fails the test.</summary>
    public TestLoggerProvider Log { get; }

    public GrpcChannel Channel { get; }

    public SpeechService.SpeechServiceClient Speech => new(Channel);

    public FeedService.FeedServiceClient Feed => new(Channel);

    public SessionService.SessionServiceClient Sessions => new(Channel);

    /// <summary>What the sessions of the gateway hold.</summary>
    public SessionHost Host => App.Services.GetRequiredService<SessionHost>();

    /// <summary>Starts a gateway.</summary>
    /// <param name="configure">Sets options of the gateway.</param>
    /// <param name="motion">Sets options of the Motion Server.</param>
    /// <param name="time">The clock of the gateway; null for the true one. The Motion Server has the true one.</param>
    /// <param name="extend">Adds to the gateway.</param>
    public static async Task<GatewayUnderTest> StartAsync(
        Action<GatewayOptions>? configure = null, Action<LocalMotionServerOptions>? motion = null, FakeTimeProvider? time = null,
        Action<WebApplicationBuilder>? extend = null)
    {
        var motionOptions = new LocalMotionServerOptions();
        motion?.Invoke(motionOptions);
        var motionServer = await LocalMotionServer.StartAsync(motionOptions);
        var options = new GatewayOptions
        {
            Urls = "http://127.0.0.1:0",
            MotionServer = AddressOf(motionServer),
            ShutdownGrace = TimeSpan.FromMilliseconds(200),
        };
        if (time is not null)
        {
            // A clock that leaps must not find a write under way, or a heartbeat.
            (options.WriteTimeout, options.HeartbeatTimeout) = (TimeSpan.FromHours(1), TimeSpan.FromHours(1));
        }

        configure?.Invoke(options);
        var log = new TestLoggerProvider();
        var app = GatewayHost.Build(options, builder =>
        {
            builder.Logging.ClearProviders().AddProvider(log).AddFilter("MotionGateway", LogLevel.Debug);
            if (time is not null)
            {
                builder.Services.AddSingleton<TimeProvider>(time);
            }

            extend?.Invoke(builder);
        });
        await app.StartAsync();
        return new GatewayUnderTest(motionServer, options, app, log, time);
    }

    /// <summary>How a gateway reaches a Motion Server that was started here.</summary>
    public static MotionServerOptions AddressOf(LocalMotionServer server, string appId = "local-app", string apiKey = "local-key") => new()
    {
        AppId = appId,
        ApiKey = apiKey,
        ConsoleUrl = server.ConsoleUrl,
        IngressUrl = server.IngressUrl,
    };

    /// <summary>Puts other settings in force; those that are not set are the defaults of a gateway under test.</summary>
    public void Replace(Action<GatewayOptions> configure)
    {
        var options = new GatewayOptions
        {
            Urls = _options.Urls,
            MotionServer = AddressOf(MotionServer),
            WriteTimeout = _options.WriteTimeout,
            HeartbeatTimeout = _options.HeartbeatTimeout,
        };
        configure(options);
        Assert.Empty(new GatewayOptionsValidator().Validate(null, options).Failures ?? []);
        App.Services.GetRequiredService<LiveOptions<GatewayOptions>>().Replace(options);
    }

    /// <summary>The session as it is now.</summary>
    public async Task<V1.Session> GetSessionAsync(string sessionId) =>
        (await Sessions.GetSessionAsync(new GetSessionRequest { SessionId = sessionId })).Session;

    /// <summary>Stops the gateway as a signal does, and lets go of all that it has.</summary>
    public Task ShutDownAsync() => _shutdown ??= ShutDownOnceAsync();

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        var shutdown = ShutDownAsync();
        if (_time is not null)
        {
            await _time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => shutdown.IsCompleted);
        }

        await shutdown;
        await MotionServer.DisposeAsync();
        Log.AssertNoErrors();
    }

    private async Task ShutDownOnceAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
    }
}
