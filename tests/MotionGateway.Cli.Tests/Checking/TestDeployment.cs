using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using MotionGateway.Cli.Configuration;
using MotionGateway.Cli.Hosting;
using MotionGateway.EdgeRelay;
using MotionGateway.Gateway;
using MotionGateway.LocalMotion;
using MotionGateway.Testing;

namespace MotionGateway.Cli.Tests.Checking;

/// <summary>Services of a deployment in this process, as good or as broken as a test wants them.</summary>
public sealed class TestDeployment : IAsyncLifetime
{
    private const string FreePort = "http://127.0.0.1:0";

    private readonly Stack<IAsyncDisposable> _services = [];
    private LocalMotionServer? _motionServer;

    /// <summary>A gateway with which all is well.</summary>
    public Uri Gateway { get; private set; } = null!;

    /// <summary>Its relay.</summary>
    public Uri Relay { get; private set; } = null!;

    /// <summary>The Motion Server of both.</summary>
    public Uri MotionServer => _motionServer!.BaseAddress;

    public async Task InitializeAsync()
    {
        _motionServer = await LocalMotionServer.StartAsync().DefaultTimeout();
        _services.Push(_motionServer);
        Gateway = await StartGatewayAsync(_ => { });
        Relay = await StartRelayAsync(Gateway);
    }

    public async Task DisposeAsync()
    {
        while (_services.TryPop(out var service))
        {
            await service.DisposeAsync();
        }
    }

    /// <summary>Starts one more gateway at the Motion Server.</summary>
    internal Task<Uri> StartGatewayAsync(Action<GatewayOptions> change)
    {
        var options = new GatewayOptions { Urls = FreePort, ShutdownGrace = TimeSpan.FromMilliseconds(100) };
        MotionServerCredentials.UseLocal(options.MotionServer, MotionServer);
        change(options);
        return StartAsync("gateway", options.Urls, GatewayHost.Build(options, builder => RunningService.Configure(builder, "test", ServiceLogs.At(LogLevel.None))));
    }

    /// <summary>Starts one more relay, and waits until it knows whether its gateway is there.</summary>
    internal async Task<Uri> StartRelayAsync(Uri gateway)
    {
        var options = new EdgeRelayOptions
        {
            Urls = FreePort,
            GatewayAddress = gateway.GetLeftPart(UriPartial.Authority),
            ShutdownGrace = TimeSpan.FromMilliseconds(100),
        };
        var relay = await StartAsync("relay", options.Urls, EdgeRelayHost.Build(options, builder => RunningService.Configure(builder, "test", ServiceLogs.At(LogLevel.None))));
        await WaitUntilAskedAsync(relay).DefaultTimeout();
        return relay;
    }

    /// <summary>Starts a server with a certificate that no service would serve.</summary>
    internal Task<Uri> StartHttpsAsync(CertificateFiles files)
    {
        var certificate = X509Certificate2.CreateFromPemFile(files.Certificate, files.Key);
        return StartServerAsync(builder => builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseHttps(certificate))),
            context => context.Response.CompleteAsync());
    }

    /// <summary>Starts a server that says that it is a relay and ready, at a time of its own.</summary>
    internal Task<Uri> StartRelayOfDateAsync(DateTimeOffset date) => StartServerAsync(
        builder => builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0)),
        context =>
        {
            context.Response.Headers.Date = date.ToString("R");
            return context.Response.WriteAsync("""{"status":"ok","gateway":true,"keys":true}""");
        });

    private static async Task WaitUntilAskedAsync(Uri relay)
    {
        using var http = new HttpClient();
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        string answer;
        do
        {
            await interval.WaitForNextTickAsync();
            using var ready = await http.GetAsync(new Uri(relay, "/readyz"));
            answer = await ready.Content.ReadAsStringAsync();
        }
        while (!answer.Contains("\"keys\":true", StringComparison.Ordinal) && !answer.Contains("\"gateway\":false", StringComparison.Ordinal));
    }

    private async Task<Uri> StartServerAsync(Action<WebApplicationBuilder> listen, RequestDelegate answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        listen(builder);
        RunningService.Configure(builder, "test", ServiceLogs.At(LogLevel.None));
        var app = builder.Build();
        app.Run(answer);
        return await StartAsync("server", "", app);
    }

    private async Task<Uri> StartAsync(string name, string urls, WebApplication app)
    {
        var service = await RunningService.StartAsync(name, urls, app, CancellationToken.None).DefaultTimeout();
        _services.Push(service);
        return service.Url;
    }
}
