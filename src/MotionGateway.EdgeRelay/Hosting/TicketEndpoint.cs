using Grpc.Core;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>Tickets for addresses: <c>POST /v1/sessions/{id}/tickets</c>, with the viewer token as its bearer.</summary>
internal static class TicketEndpoint
{
    public const string Path = "/v1/sessions/{sessionId}/tickets";

    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    public static async Task HandleAsync(
        HttpContext context, string sessionId, ViewerServices services, SessionService.SessionServiceClient gateway)
    {
        try
        {
            // Strangers do not reach the gateway.
            await ViewerRequest.VerifyAsync(context, sessionId, services.Keys);
            var ticket = await CreateAsync(context, sessionId, gateway);
            context.Response.Headers.CacheControl = "no-store";
            await context.Response.WriteAsJsonAsync(
                new { ticket = ticket.Ticket, readerId = ticket.ReaderId, expiresAt = ticket.ExpireTime.ToDateTimeOffset() },
                context.RequestAborted);
        }
        catch (GatewayException failure)
        {
            await HttpFailure.WriteAsync(context, failure);
        }
    }

    private static async Task<CreateViewerTicketResponse> CreateAsync(
        HttpContext context, string sessionId, SessionService.SessionServiceClient gateway)
    {
        var request = new CreateViewerTicketRequest
        {
            SessionId = sessionId,
            ViewerToken = ViewerRequest.ReadToken(context.Request),
            ReaderId = context.Request.Query["reader_id"].ToString(),
        };
        try
        {
            return await gateway.CreateViewerTicketAsync(
                request, deadline: DateTime.UtcNow + CallTimeout, cancellationToken: context.RequestAborted);
        }
        catch (RpcException exception)
        {
            var failure = GatewayFailures.Read(exception);
            throw failure.Reason is ErrorReason.ViewerTokenInvalid or ErrorReason.ViewerTokenExpired or ErrorReason.InvalidRequest
                ? failure : GatewayFailures.ForViewers(failure);
        }
    }
}
