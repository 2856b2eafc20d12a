using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MotionGateway.MotionServer.Tests.Scripted;

/// <summary>A Motion Server that does on the wire what a test's script says, right or wrong.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    public const string Token = "token-4fd1c07e";
    public const string ApiKey = "key-90ab12cd";
    public const string AppId = "app-1";
    public const string ConnectionId = "connection-1";

    private readonly WebApplication _app;

    private ScriptedServer(WebApplication app) => _app = app;

    /// <summary>Answers requests for tokens.</summary>
    public RequestDelegate OnToken { get; set; } = context => context.Response.WriteAsync($$"""{"sessionToken":"{{Token}}"}""");

    /// <summary>Answers upgrades instead of the script, when set.</summary>
    public RequestDelegate? OnUpgrade { get; set; }

    /// <summary>Told the session token of each upgrade, whatever becomes of it.</summary>
    public Action<string> OnUpgrading { get; set; } = static _ => { };

    /// <summary>What happens on the WebSocket, once it is open.</summary>
    public Func<ScriptedSocket, Task> Script { get; set; } = static async socket =>
    {
        await socket.ConfirmAsync();
        await socket.ReadToCloseAsync();
    };

    /// <summary>The last upgrade's request.</summary>
    public RecordedRequest? Upgrade { get; private set; }

    /// <summary>Ends when the script has; faults when it failed.</summary>
    public TaskCompletionSource ScriptEnded { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Uri Url { get; private set; } = null!;

    public static async Task<ScriptedServer> StartAsync(Func<ScriptedSocket, Task>? script = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication app = builder.Build();
        ScriptedServer server = new(app);
        if (script is not null)
        {
            server.Script = script;
        }

        app.UseWebSockets();
        app.MapPost("/{**path}", (RequestDelegate)(context => server.OnToken(context)));
        app.MapGet("/v2/driveningress/websocket", (RequestDelegate)server.UpgradeAsync);
        await app.StartAsync();
        server.Url = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return server;
    }

    public MotionServerOptions Options(Action<MotionServerOptions>? change = null)
    {
        MotionServerOptions options = new()
        {
            AppId = AppId,
            ApiKey = ApiKey,
            ConsoleUrl = new Uri(Url, "/v1/console"),
            IngressUrl = new Uri(Url, "/v2/driveningress"),
        };
        change?.Invoke(options);
        return options;
    }

    public MotionServerClient Client(Action<MotionServerOptions>? change = null, ILoggerFactory? logs = null, HttpMessageInvoker? http = null, TimeProvider? time = null) =>
        new(Options(change), http, time, logs);

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource now = new(TimeSpan.FromMilliseconds(100));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task UpgradeAsync(HttpContext context)
    {
        Upgrade = new RecordedRequest(context.Request.QueryString.Value ?? "", context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase));
        OnUpgrading(context.Request.Headers["X-Session-Key"].ToString());
        if (OnUpgrade is not null)
        {
            await OnUpgrade(context);
            return;
        }

        try
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await Script(new ScriptedSocket(socket, context));
            ScriptEnded.TrySetResult();
        }
        catch (Exception exception)
        {
            ScriptEnded.TrySetException(exception);
        }
    }
}
