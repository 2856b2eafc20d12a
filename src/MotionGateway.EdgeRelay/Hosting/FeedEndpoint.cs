using System.Net.WebSockets;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>The feed over WebSocket: <c>GET /v1/sessions/{id}/feed</c>.</summary>
internal static class FeedEndpoint
{
    public const string Path = "/v1/sessions/{sessionId}/feed";

    public static async Task HandleAsync(HttpContext context, string sessionId, ViewerServices services, ViewerRegistry registry)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "This address is a WebSocket feed; connect with a WebSocket client.");
            return;
        }

        if (!IsAllowedOrigin(context.Request.Headers.Origin, services.Options))
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "Pages of this origin may not open feeds here.");
            return;
        }

        if (FeedEncoding.Choose(context.WebSockets.WebSocketRequestedProtocols) is not { } encoding)
        {
            await RefuseAsync(
                context, StatusCodes.Status400BadRequest,
                $"Ask for one of the subprotocols {FeedEncoding.Binary.Subprotocol} and {FeedEncoding.Json.Subprotocol}.");
            return;
        }

        // Compression would let one viewer's bytes depend on another's secret, and costs more than media gains.
        var accept = new WebSocketAcceptContext
        {
            SubProtocol = encoding.Subprotocol,
            DangerousEnableCompression = false,
            KeepAliveInterval = Timeout.InfiniteTimeSpan,
        };
        var socket = await context.WebSockets.AcceptWebSocketAsync(accept);
        await ServeAsync(socket, encoding, sessionId, services, registry);
    }

    private static async Task ServeAsync(
        WebSocket webSocket, FeedEncoding encoding, string sessionId, ViewerServices services, ViewerRegistry registry)
    {
        using var viewer = new Viewer(
            sessionId, new ViewerSocket(webSocket, encoding, services.Options, services.TimeProvider), encoding, services);
        if (!registry.TryAdd(viewer))
        {
            viewer.Fail(new GatewayException(ErrorReason.ReaderLimit, "The relay has as many viewers as it may have. Try again later."));
        }

        try
        {
            await viewer.RunAsync();
        }
        finally
        {
            registry.Remove(viewer);
        }
    }

    private static bool IsAllowedOrigin(string? origin, EdgeRelayOptions options) =>
        string.IsNullOrEmpty(origin)
        || options.AllowedOrigins.Count == 0
        || options.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase);

    private static Task RefuseAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text + "\n", context.RequestAborted);
    }
}
