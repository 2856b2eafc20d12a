using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using MotionGateway.LocalMotion.Cassettes;

namespace MotionGateway.LocalMotion.Tests.Cassettes;

/// <summary>A server to record, which answers as a test wants it to.</summary>
internal sealed class ScriptedUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScriptedUpstream(WebApplication app) => _app = app;

    public RequestDelegate OnToken { get; set; } = context => context.Response.WriteAsync("""{"sessionToken":"token-of-the-upstream"}""");

    public RequestDelegate OnUpgrade { get; set; } = context =>
    {
        context.Response.StatusCode = 404;
        return Task.CompletedTask;
    };

    public static async Task<ScriptedUpstream> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication app = builder.Build();
        var upstream = new ScriptedUpstream(app);
        app.UseWebSockets();
        app.MapPost("/{**path}", (RequestDelegate)(context => upstream.OnToken(context)));
        app.MapGet("/{**path}", (RequestDelegate)(context => upstream.OnUpgrade(context)));
        await app.StartAsync();
        return upstream;
    }

    public Task<LocalMotionServer> RecordAsync(string path, Action<LocalMotionServerOptions>? change = null)
    {
        var url = new Uri(_app.Urls.Single());
        var options = new LocalMotionServerOptions
        {
            Record = new RecordingOptions { File = path, ConsoleUrl = new Uri(url, "/v1/console"), IngressUrl = new Uri(url, "/v2/driveningress") },
        };
        change?.Invoke(options);
        return LocalMotionServer.StartAsync(options);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
