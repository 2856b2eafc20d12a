using Google.Protobuf;
using Grpc.Core;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// A viewer token for a room token: <c>POST /v1/sessions/{id}/join</c>, with the viewer token as its bearer, for sessions that the Motion
/// Server publishes into a room. The gateway makes it: the relay has no secret of the room's provider.
/// </summary>
internal static class JoinEndpoint
{
    public const string Path = "/v1/sessions/{sessionId}/join";

    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);
    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    public static async Task HandleAsync(
        HttpContext context, string sessionId, ViewerServices services, SessionService.SessionServiceClient gateway)
    {
        try
        {
            // The gateway verifies it as well; what is no token costs it nothing.
            await ViewerRequest.VerifyAsync(context, sessionId, services.Keys);
            var join = await JoinAsync(context, sessionId, gateway);
            context.Response.Headers.CacheControl = "no-store";
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(Json.Format(join), context.RequestAborted);
        }
        catch (GatewayException failure)
        {
            await HttpFailure.WriteAsync(context, failure);
        }
    }

    private static async Task<CreateJoinTokenResponse> JoinAsync(
        HttpContext context, string sessionId, SessionService.SessionServiceClient gateway)
    {
        try
        {
            return await gateway.CreateJoinTokenAsync(
                new CreateJoinTokenRequest { SessionId = sessionId, ViewerToken = ViewerRequest.ReadToken(context.Request) },
                deadline: DateTime.UtcNow + CallTimeout, cancellationToken: context.RequestAborted);
        }
        catch (RpcException exception)
        {
            var failure = GatewayFailures.Read(exception);
            throw failure.Reason switch
            {
                // Whether there is such a session is told no better than whether the token opens it.
                ErrorReason.SessionNotFound => ViewerTokens.Invalid("authorization"),
                ErrorReason.ViewerTokenInvalid or ErrorReason.ViewerTokenExpired or ErrorReason.NoEgress or ErrorReason.InvalidRequest => failure,
                _ => GatewayFailures.ForViewers(failure),
            };
        }
    }
}
