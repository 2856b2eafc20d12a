using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using MotionGateway.LocalMotion.Ingress;

namespace MotionGateway.LocalMotion.Cassettes;

/// <summary>Passes HTTP requests on to the recorded Motion Server, headers and all, and answers back.</summary>
internal sealed class UpstreamHttp(RecordingOptions options) : IDisposable
{
    // Of one leg only, or decided anew on each.
    private static readonly HashSet<string> NotPassedOn = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host", "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "TE", "Trailer", "Upgrade", "Expect", "Content-Length",
        "Accept-Encoding", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Extensions", "Sec-WebSocket-Accept",
    };

    // Of an upgrade, the socket's own answer to the client names it.
    private const string Subprotocol = "Sec-WebSocket-Protocol";

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    });

    /// <summary>Asks for a token, with the client's own headers and body.</summary>
    /// <param name="context">The client's request.</param>
    /// <param name="body">Its body.</param>
    /// <param name="newerPath">Whether the client asked at the newer path, which lies at the host's root.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<HttpResponseMessage> PostTokenAsync(HttpContext context, byte[] body, bool newerPath, CancellationToken cancellationToken)
    {
        Uri url = newerPath
            ? new Uri(options.ConsoleUrl!, Tokens.SessionTokenEndpoint.NewerPath)
            : Below(options.ConsoleUrl!, "/session-tokens", context.Request.QueryString);
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        PassHeaders(context.Request, request);
        return _http.SendAsync(request, cancellationToken);
    }

    /// <summary>Asks for the upgrade, with the client's own query and headers. Status 101 brings a <see cref="WebSocket"/>.</summary>
    /// <exception cref="HttpRequestException">No answer came, or one whose upgrade is none.</exception>
    public async Task<(HttpResponseMessage Response, WebSocket? Socket)> UpgradeAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var builder = new UriBuilder(Below(options.IngressUrl!, "/websocket", context.Request.QueryString));
        builder.Scheme = builder.Scheme switch { "ws" => "http", "wss" => "https", var scheme => scheme };
        var request = new HttpRequestMessage(HttpMethod.Get, builder.Uri) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        PassHeaders(context.Request, request);
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.ParseAdd("websocket");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Version", "13");
        string key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Key", key);
        HttpResponseMessage response = await _http.SendAsync(request, cancellationToken);
        if (response.StatusCode != HttpStatusCode.SwitchingProtocols)
        {
            return (response, null);
        }

        if (WrongHeader(response, key) is { } wrong)
        {
            response.Dispose();
            throw new HttpRequestException(HttpRequestError.ConnectionError, $"its answer to the upgrade has a wrong header {wrong}.");
        }

        Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        return (response, WebSocket.CreateFromStream(stream, new WebSocketCreationOptions
        {
            IsServer = false,
            SubProtocol = response.Headers.TryGetValues(Subprotocol, out IEnumerable<string>? names) ? string.Join(',', names) : null,
            KeepAliveInterval = TimeSpan.FromSeconds(30),
            KeepAliveTimeout = TimeSpan.FromSeconds(30),
        }));
    }

    /// <summary>Gives the client's upgrade the headers of the recorded server's, but for those that the sockets set.</summary>
    public static void PassUpgradeHeaders(HttpResponseMessage from, HttpContext to) =>
        PassHeaders(from.Headers.Where(header => !header.Key.Equals(Subprotocol, StringComparison.OrdinalIgnoreCase)), to);

    /// <summary>Answers the client as the recorded server did.</summary>
    public static async Task AnswerAsync(HttpContext context, HttpResponseMessage response, byte[] body)
    {
        context.Response.StatusCode = (int)response.StatusCode;
        PassHeaders(response.Headers.Concat(response.Content.Headers), context);
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    public void Dispose() => _http.Dispose();

    private static Uri Below(Uri endpoint, string path, QueryString query)
    {
        var builder = new UriBuilder(endpoint);
        builder.Path = builder.Path.TrimEnd('/') + path;
        builder.Query = QueryString.FromUriComponent(builder.Query).Add(query).ToUriComponent();
        return builder.Uri;
    }

    // A client would refuse it, so a proxy must not make a good one of it.
    private static string? WrongHeader(HttpResponseMessage response, string key) =>
        !response.Headers.Upgrade.Any(upgrade => upgrade.Name.Equals("websocket", StringComparison.OrdinalIgnoreCase)) ? "Upgrade"
        : !response.Headers.TryGetValues("Sec-WebSocket-Accept", out IEnumerable<string>? accepts) || !accepts.SequenceEqual([WebSocketAccept.Of(key)]) ? "Sec-WebSocket-Accept"
        : response.Headers.Contains("Sec-WebSocket-Extensions") ? "Sec-WebSocket-Extensions"
        : null;

    private static void PassHeaders(IEnumerable<KeyValuePair<string, IEnumerable<string>>> from, HttpContext to)
    {
        foreach (var (name, values) in from.Where(header => !NotPassedOn.Contains(header.Key)))
        {
            to.Response.Headers[name] = values.ToArray();
        }
    }

    private static void PassHeaders(HttpRequest from, HttpRequestMessage to)
    {
        foreach (var (name, values) in from.Headers.Where(header => !NotPassedOn.Contains(header.Key)))
        {
            if (!to.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                to.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }
    }
}
