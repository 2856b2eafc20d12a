using System.Globalization;

namespace MotionGateway.EdgeRelay;

/// <summary>The feed over WebSocket: <c>GET /v1/sessions/{id}/feed</c>.</summary>
internal static class FeedEndpoint
{
    private const string Path = "/v1/sessions/{sessionId}/feed";

    public static void Map(WebApplication app)
    {
        // Over HTTP/2 a WebSocket is opened by CONNECT.
        string[] methods = [HttpMethods.Get, HttpMethods.Connect];

        // By the application's services: a request's own would be kept for as long as its viewer stays.
        app.MapMethods(Path, methods, (HttpContext context, string sessionId) => HandleAsync(
            context, sessionId, app.Services.GetRequiredService<ViewerServices>(), app.Services.GetRequiredService<ViewerAdmission>()))
            .RequireCors(FeedCors.Policy);
    }

    private static Task HandleAsync(HttpContext context, string sessionId, ViewerServices services, ViewerAdmission admission)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            return RefuseAsync(context, StatusCodes.Status400BadRequest, "This address is a WebSocket feed; connect with a WebSocket client.");
        }

        if (FeedFormats.Choose(context.WebSockets.WebSocketRequestedProtocols) is not { } format)
        {
            return RefuseAsync(
                context, StatusCodes.Status400BadRequest,
                $"Ask for one of the subprotocols {string.Join(" and ", FeedFormats.All.Select(known => known.Name))}.");
        }

        return admission.TryAdmit(context, out var place) is { } refusal
            ? RefuseAsync(context, refusal)
            : AcceptAsync(context, place, format, sessionId, services);
    }

    private static async Task AcceptAsync(HttpContext context, IDisposable? place, IFeedFormat format, string sessionId, ViewerServices services)
    {
        using var _ = place;

        // Compressed, a connection's tokens and what others choose to send on it would share a dictionary, which costs memory for each
        // viewer; and media gains next to nothing.
        var accept = new WebSocketAcceptContext
        {
            SubProtocol = format.Name,
            DangerousEnableCompression = false,
            KeepAliveInterval = Timeout.InfiniteTimeSpan,
        };
        var socket = await context.WebSockets.AcceptWebSocketAsync(accept);
        await ViewerConnection.ServeAsync(
            sessionId, new WebSocketTransport(socket, format, services.Options), format, services.Workers.Next(), start: null, services);
    }

    public static Task RefuseAsync(HttpContext context, AdmissionRefusal refusal)
    {
        if (refusal.RetryAfter is { } pause)
        {
            context.Response.Headers.RetryAfter = pause.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        }

        return RefuseAsync(context, refusal.Status, refusal.Text);
    }

    public static Task RefuseAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text + "\n", context.RequestAborted);
    }
}
