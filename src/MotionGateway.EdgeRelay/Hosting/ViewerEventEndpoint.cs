using System.Text;
using Google.Protobuf;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// Viewer events of those whose feed only comes down: <c>POST /v1/sessions/{id}/viewer-events</c>, with a viewer token or a ticket.
/// Any relay takes them, whichever the feed comes from.
/// </summary>
internal static class ViewerEventEndpoint
{
    public const string Path = "/v1/sessions/{sessionId}/viewer-events";

    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    public static async Task HandleAsync(HttpContext context, string sessionId, ViewerServices services)
    {
        try
        {
            var identity = await ViewerRequest.VerifyAsync(context, sessionId, services.Keys);
            var viewerEvent = Parse(await ViewerRequest.ReadBodyAsync(context, services.Options.MaxMessageBytes));
            var (feed, _) = await ViewerRequest.VisitAsync(context, sessionId, services);
            services.Intake.Take(viewerEvent, identity, feed.Events);
            context.Response.StatusCode = StatusCodes.Status202Accepted;
        }
        catch (GatewayException failure)
        {
            await HttpFailure.WriteAsync(context, failure);
        }
    }

    private static ViewerEvent Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return Parser.Parse<ViewerEvent>(Encoding.UTF8.GetString(body.Span));
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidJsonException
            or FormatException or OverflowException or ArgumentException or InvalidOperationException)
        {
            throw new GatewayException(ErrorReason.MalformedRequest, "The body is no protobuf JSON motiongateway.v1.ViewerEvent.");
        }
    }
}
