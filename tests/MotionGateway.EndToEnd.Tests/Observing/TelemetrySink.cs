using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>
/// Takes what services send by OTLP over HTTP, and stands in front of a Motion Server's console, so that a test knows the session tokens
/// that were handed out.
/// </summary>
internal sealed class TelemetrySink : IAsyncDisposable
{
    private const string ConsolePath = "/v1/console/session-tokens";

    private readonly WebApplication _app;
    private readonly HttpClient _http;
    private readonly ConcurrentBag<(string Signal, byte[] Body)> _received = [];

    private TelemetrySink(WebApplication app, Uri motionServer)
    {
        _app = app;
        _http = new HttpClient { BaseAddress = motionServer };
        app.MapPost("/v1/{signal}", ReceiveAsync);
        app.MapPost(ConsolePath, ForwardAsync);
    }

    /// <summary>Session tokens of the Motion Server that were handed out.</summary>
    public ConcurrentBag<string> Tokens { get; } = [];

    /// <summary>The console's address.</summary>
    public string ConsoleUrl => $"{_app.Urls.First()}/v1/console";

    /// <summary>What makes a service send here, soon.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _app.Urls.First(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "200",
        ["OTEL_BLRP_MAX_QUEUE_SIZE"] = "100000",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
    };

    public static async Task<TelemetrySink> StartAsync(Uri motionServer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var sink = new TelemetrySink(builder.Build(), motionServer);
        await sink._app.StartAsync();
        return sink;
    }

    /// <summary>The bodies of a signal: <c>traces</c>, <c>metrics</c> or <c>logs</c>.</summary>
    public IEnumerable<byte[]> Bodies(string signal) => _received.Where(one => one.Signal == signal).Select(one => one.Body);

    /// <summary>All spans so far.</summary>
    public IReadOnlyList<ReceivedSpan> Spans => [.. Bodies("traces").SelectMany(ReceivedSpan.Read)];

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
    }

    private async Task ReceiveAsync(HttpContext context, string signal)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        _received.Add((signal, body.ToArray()));
    }

    private async Task ForwardAsync(HttpContext context)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, ConsolePath) { Content = new StreamContent(context.Request.Body) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Add("X-Api-Key", context.Request.Headers["X-Api-Key"].ToString());
        using var answer = await _http.SendAsync(request);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        if (body.TryGetProperty("sessionToken", out var token))
        {
            Tokens.Add(token.GetString()!);
        }

        context.Response.StatusCode = (int)answer.StatusCode;
        await context.Response.WriteAsJsonAsync(body);
    }
}
