using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MotionGateway.LocalMotion.Ingress;
using MotionGateway.LocalMotion.Tokens;

namespace MotionGateway.LocalMotion.Cassettes;

/// <summary>Stands between clients and another Motion Server, and keeps what passes in a cassette.</summary>
internal sealed class RecordingProxy(
    LocalMotionServerOptions options, CassetteWriter cassette, LocalMotionServerCounters counters, ILogger logger) : IAsyncDisposable
{
    // A longer one is kept as it is: clients may not take it.
    private const int MaxUsualAnswer = 64 * 1024;

    private readonly UpstreamHttp _upstream = new(options.Record!);
    private readonly SecretMask _secrets = new();
    private int _connections;

    /// <summary>Creates the cassette, if the options ask for a recording.</summary>
    /// <exception cref="CassetteException">It cannot be created.</exception>
    public static RecordingProxy? Open(LocalMotionServerOptions options, LocalMotionServerCounters counters)
    {
        if (options.Record is not { } record)
        {
            return null;
        }

        ILogger logger = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger(typeof(RecordingProxy).FullName!);
        return new RecordingProxy(options, CassetteWriter.Create(record.File, options.TimeProvider, logger), counters, logger);
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
        _secrets.Learn(context.Request.Headers["X-Api-Key"].ToString());
        try
        {
            byte[] request = await BoundedBody.ReadAsync(context.Request.Body, until.Token);
            using HttpResponseMessage response = await _upstream.PostTokenAsync(context, request, newerPath, until.Token);
            byte[] body = await BoundedBody.ReadAsync(await response.Content.ReadAsStreamAsync(until.Token), until.Token);
            await cassette.AddAsync(Describe(response, body, LifetimeIn(request)));
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

        using var until = CancellationTokenSource.CreateLinkedTokenSource(stopping, context.RequestAborted);
        _secrets.Learn(context.Request.Headers["X-Session-Key"].ToString());
        _secrets.Learn(context.Request.Query["sessionKey"].ToString());
        try
        {
            (HttpResponseMessage response, WebSocket? upstream) = await _upstream.UpgradeAsync(context, until.Token);
            using (response)
            using (upstream)
            {
                await (upstream is null ? RefuseAsRecordedAsync(context, response, until.Token) : ConnectAsync(context, upstream, stopping));
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

    private async Task ConnectAsync(HttpContext context, WebSocket upstream, CancellationToken stopping)
    {
        int number = Interlocked.Increment(ref _connections);
        CassetteEntry upgrade = Describe(context, number, StatusCodes.Status101SwitchingProtocols);
        await cassette.AddAsync(upgrade);
        CassetteLog.Recording(logger, number, upgrade.AvatarId ?? "");
        using WebSocket client = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { SubProtocol = upstream.SubProtocol });
        counters.ConnectionOpened();
        try
        {
            var tunnel = new RecordingTunnel(number, client, upstream, new MessageRecorder(number, cassette, _secrets), options, logger);
            await tunnel.RunAsync(stopping);
            CassetteLog.Recorded(logger, number);
        }
        finally
        {
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
        CassetteEntry upgrade = Describe(context, Interlocked.Increment(ref _connections), (int)response.StatusCode);
        await cassette.AddAsync(WithBody(upgrade, response, body));
        counters.UpgradeRefused();
        await UpstreamHttp.AnswerAsync(context, response, body);
    }

    // Not recorded: it is the proxy's answer, not the server's.
    private Task RefuseAsync(HttpContext context, HttpRequestException failure)
    {
        string text = _secrets.Mask(failure.Message);
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
        AvatarId = _secrets.Mask(context.Request.Query["id"].ToString()),
        Auth = context.Request.Headers.ContainsKey("X-Session-Key") ? "headers" : "query",
    };

    private CassetteEntry Describe(HttpResponseMessage response, byte[] body, double? lifetime)
    {
        var entry = new CassetteEntry { Ms = cassette.Now, Kind = CassetteKind.Token, Status = (int)response.StatusCode };
        (string? field, bool failed) = FindToken(body);
        return response.IsSuccessStatusCode && field is not null && !failed && body.Length <= MaxUsualAnswer
            ? entry with { TokenField = field, TokenLifetimeMs = lifetime }
            : WithBody(entry, response, body);
    }

    private CassetteEntry WithBody(CassetteEntry entry, HttpResponseMessage response, byte[] body) => entry with
    {
        ContentType = response.Content.Headers.ContentType?.ToString(),
        RetryAfter = response.Headers.RetryAfter?.ToString(),
        Data = response.Content.Headers.ContentEncoding.Count == 0 ? _secrets.MaskText(body) : null,
    };

    /// <summary>Which key of a token's answer holds it, and whether the answer also holds errors. The token is learned.</summary>
    private (string? Field, bool Failed) FindToken(byte[] body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement root = document.RootElement;
            string? found = null;
            if (root.ValueKind == JsonValueKind.Object)
            {
                foreach (string field in (string[])["sessionToken", "session_token"])
                {
                    if (root.TryGetProperty(field, out JsonElement token) && token.ValueKind == JsonValueKind.String)
                    {
                        _secrets.Learn(token.GetString());
                        found ??= field;
                    }
                }

                return (found, root.TryGetProperty("errors", out JsonElement errors) && errors.ValueKind == JsonValueKind.Array && errors.GetArrayLength() > 0);
            }
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // Not JSON, or a string that is no text: no token either.
            return (null, true);
        }

        return (null, true);
    }

    private double? LifetimeIn(byte[] request)
    {
        try
        {
            long? expireAt = JsonSerializer.Deserialize(request, ApiJson.Default.TokenRequest)?.ExpireAt;
            return expireAt is null ? null : Math.Round((DateTimeOffset.FromUnixTimeSeconds(expireAt.Value) - options.TimeProvider.GetUtcNow()).TotalMilliseconds);
        }
        catch (Exception failure) when (failure is JsonException or ArgumentOutOfRangeException)
        {
            // The server judges it.
            return null;
        }
    }
}
