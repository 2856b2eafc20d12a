using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;

namespace MotionGateway.MotionServer;

/// <summary>Opens WebSockets with an HTTP/1.1 upgrade of its own, because the body of a refusal matters and the runtime's client drops it.</summary>
internal sealed class WebSocketUpgrade(HttpMessageInvoker http, MotionServerOptions options, Endpoints endpoints, TimeProvider time)
{
    // RFC 6455, section 1.3.
    private const string AcceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private const int KeyBytes = 16;

    public async Task<(WebSocket Socket, LastBytesStream Received)> OpenAsync(string avatarId, SessionToken token, CancellationToken cancellationToken)
    {
        string key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes));
        using HttpRequestMessage request = Request(avatarId, token, key);
        HttpResponseMessage response = await http.SendForHeadersAsync(request, cancellationToken).ConfigureAwait(false);
        bool upgraded = false;
        try
        {
            if (response.StatusCode != HttpStatusCode.SwitchingProtocols)
            {
                HttpAnswer answer = await HttpAnswer.ReadAsync(response, time, cancellationToken).ConfigureAwait(false);
                throw Failures.FromAnswer(MotionServerPhase.WebSocketConnect, answer, options.Secrets.With(token.Value));
            }

            Check(response, key);
            LastBytesStream stream = new(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));
            WebSocket socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions
            {
                IsServer = false,
                KeepAliveInterval = options.KeepAliveInterval,
                KeepAliveTimeout = options.KeepAliveTimeout > TimeSpan.Zero ? options.KeepAliveTimeout : Timeout.InfiniteTimeSpan,
            });
            upgraded = true;
            return (socket, stream);
        }
        finally
        {
            // An upgraded connection belongs to the WebSocket, which disposes its stream.
            if (!upgraded)
            {
                response.Dispose();
            }
        }
    }

    private HttpRequestMessage Request(string avatarId, SessionToken token, string key)
    {
        Uri url = endpoints.WebSocket(avatarId, token);
        HttpRequestMessage request = new(HttpMethod.Get, url) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.ParseAdd("websocket");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Version", "13");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Key", key);
        if (options.Auth == AuthPlacement.Headers)
        {
            request.Headers.TryAddWithoutValidation("X-App-ID", options.AppId);
            request.Headers.TryAddWithoutValidation("X-Session-Key", token.Value);
        }

        return request;
    }

    // No extension and no subprotocol is asked for, so an answer that names one would change what the bytes mean.
    private static void Check(HttpResponseMessage response, string key)
    {
        HttpResponseHeaders headers = response.Headers;
        string? wrong =
            !headers.Upgrade.Any(upgrade => upgrade.Name.Equals("websocket", StringComparison.OrdinalIgnoreCase)) ? "Upgrade"
            : !headers.Connection.Contains("Upgrade", StringComparer.OrdinalIgnoreCase) ? "Connection"
            : !headers.TryGetValues("Sec-WebSocket-Accept", out IEnumerable<string>? accepts) || !accepts.SequenceEqual([Accept(key)]) ? "Sec-WebSocket-Accept"
            : headers.Contains("Sec-WebSocket-Extensions") ? "Sec-WebSocket-Extensions"
            : headers.Contains("Sec-WebSocket-Protocol") ? "Sec-WebSocket-Protocol"
            : null;
        if (wrong is not null)
        {
            throw Failures.Protocol(MotionServerPhase.WebSocketConnect, $"The answer to the WebSocket's upgrade has a wrong header {wrong}.");
        }
    }

    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "RFC 6455 demands SHA-1, and nothing secret rests on it.")]
    private static string Accept(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + AcceptSuffix)));
}
