using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MotionGateway.LocalMotion.Ingress;
using MotionGateway.LocalMotion.Tokens;

namespace MotionGateway.LocalMotion.Cassettes;

/// <summary>Stands between clients and another Motion Server, and keeps what passes in a cassette.</summary>
internal sealed class RecordingProxy(
    LocalMotionServerOptions options, CassetteWriter cassette, SecretMask secrets, LocalMotionServerCounters counters, ConnectionRegistry connections, ILogger logger)
    : IAsyncDisposable
{
    private readonly UpstreamHttp _upstream = new(options.Record!);
    private readonly AnswerRecorder _answers = new(secrets, options.TimeProvider);
    private int _numbers;

    /// <summary>Creates the cassette, if the options ask for a recording.</summary>
    /// <exception cref="CassetteException">It cannot be created.</exception>
    public static RecordingProxy? Open(LocalMotionServerOptions options, LocalMotionServerCounters counters, ConnectionRegistry connections)
    {
        if (options.Record is not { } record)
        {
            return null;
        }

        ILogger logger = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger(typeof(RecordingProxy).FullName!);
        return new RecordingProxy(options, CassetteWriter.Create(record.File, options.TimeProvider, logger), new SecretMask(), counters, connections, logger);
    }

    public void Map(WebApplication app, CancellationToken stopping)
    {
        RequestDelegate console = context => HandleTokenAsync(context, newerPath: false, stopping);
        RequestDelegate newerConsole = context => HandleTokenAsync(context, newerPath: true, stopping);
        RequestDelegate ingress = context => HandleIngressAsync(context, stopping);
        app.MapPost(SessionTokenEndpoint.Path, console);
        app.MapPost(SessionTokenEndpoint.NewerPath, newerConsole);
        app.MapGet(IngressEndpoint.Path, ingress);
    }

    private async Task HandleTokenAsync(HttpContext context, bool newerPath, CancellationToken stopping)
    {
        using var until = CancellationTokenSource.CreateLinkedTokenSource(stopping, context.RequestAborted);
        secrets.Learn(context.Request.Headers["X-Api-Key"].ToString());
        try
        {
            byte[] request = await BoundedBody.ReadAsync(context.Request.Body, until.Token);
            using HttpResponseMessage response = await _upstream.PostTokenAsync(context, request, newerPath, until.Token);
            byte[] body = await BoundedBody.ReadAsync(await response.Content.ReadAsStreamAsync(until.Token), until.Token);
            await cassette.AddAsync(_answers.Token(cassette.Now, request, response, body));
            if (response.IsSuccessStatusCode)
            {
                counters.TokenIssued();
            }

            await UpstreamHttp.AnswerAsync(context, response, body);
        }
        catch (HttpRequestException failure) when (IsUnreachable(failure))
        {
            await RefuseAsync(context, failure);
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException or HttpRequestException)
        {
            Cut(context, failure);
        }
    }

    private async Task HandleIngressAsync(HttpContext context, CancellationToken stopping)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await Refusals.WriteMessageAsync(context, StatusCodes.Status426UpgradeRequired, "WebSocket upgrade expected");
            return;
        }

        if (counters.ConnectionsOpen >= options.MaxConnections)
        {
            // The proxy's own answer, and so not recorded.
            await Refusals.WriteMessageAsync(context, StatusCodes.Status503ServiceUnavailable, "The recorder holds as many connections as it may");
            return;
        }

        using var until = CancellationTokenSource.CreateLinkedTokenSource(stopping, context.RequestAborted);
        secrets.Learn(context.Request.Headers["X-Session-Key"].ToString());
        secrets.Learn(context.Request.Query["sessionKey"].ToString());
        try
        {
            (HttpResponseMessage response, WebSocket? upstream) = await _upstream.UpgradeAsync(context, until.Token);
            using (response)
            using (upstream)
            {
                await (upstream is null ? RefuseAsRecordedAsync(context, response, until.Token) : ConnectAsync(context, response, upstream, stopping));
            }
        }
        catch (HttpRequestException failure) when (IsUnreachable(failure))
        {
            await RefuseAsync(context, failure);
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException or HttpRequestException)
        {
            Cut(context, failure);
        }
    }

    /// <summary>Ends before anything was recorded: the cassette goes again.</summary>
    public async ValueTask AbandonAsync()
    {
        await DisposeAsync();
        File.Delete(options.Record!.File);
    }

    public async ValueTask DisposeAsync()
    {
        await cassette.DisposeAsync();
        _upstream.Dispose();
    }

    private async Task ConnectAsync(HttpContext context, HttpResponseMessage response, WebSocket upstream, CancellationToken stopping)
    {
        int number = Interlocked.Increment(ref _numbers);
        CassetteEntry upgrade = Describe(context, number, StatusCodes.Status101SwitchingProtocols);
        await cassette.AddAsync(upgrade);
        CassetteLog.Recording(logger, number, upgrade.AvatarId ?? "");
        UpstreamHttp.PassUpgradeHeaders(response, context);
        using WebSocket client = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { SubProtocol = upstream.SubProtocol });
        counters.ConnectionOpened();
        var recorder = new MessageRecorder(number, cassette, secrets, counters);
        var tunnel = new RecordingTunnel(number, upgrade.AvatarId ?? "", client, upstream, recorder, options, logger);
        connections.Add(tunnel);
        try
        {
            await tunnel.RunAsync(stopping);
            CassetteLog.Recorded(logger, number);
        }
        finally
        {
            connections.Remove(tunnel);
            counters.ConnectionClosed();
            if (client.State == WebSocketState.Aborted)
            {
                context.Abort();
            }
        }
    }

    private async Task RefuseAsRecordedAsync(HttpContext context, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        byte[] body = await BoundedBody.ReadAsync(await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken);
        CassetteEntry upgrade = Describe(context, Interlocked.Increment(ref _numbers), (int)response.StatusCode);
        await cassette.AddAsync(_answers.Refusal(upgrade, response, body));
        counters.UpgradeRefused();
        await UpstreamHttp.AnswerAsync(context, response, body);
    }

    // Not recorded: it is the proxy's answer, not the server's.
    private Task RefuseAsync(HttpContext context, HttpRequestException failure)
    {
        string text = secrets.Mask(failure.Message);
        CassetteLog.UpstreamFailed(logger, text);
        return ApiError.WriteAsync(context, StatusCodes.Status502BadGateway, "upstream_unreachable", $"The recorded Motion Server did not answer: {text}");
    }

    private static bool IsUnreachable(HttpRequestException failure) => failure.HttpRequestError
        is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ConfigurationLimitExceeded;

    // An answer that ends in its middle does so for the client, too; and nobody is answered after the end.
    private void Cut(HttpContext context, Exception failure)
    {
        CassetteLog.UpstreamFailed(logger, failure.GetType().Name);
        context.Abort();
    }

    private CassetteEntry Describe(HttpContext context, int number, int status) => new()
    {
        Ms = cassette.Now,
        Kind = CassetteKind.Upgrade,
        Connection = number,
        Status = status,
        AvatarId = secrets.Mask(context.Request.Query["id"].ToString()),
        Auth = context.Request.Headers.ContainsKey("X-Session-Key") ? "headers" : "query",
    };
}
