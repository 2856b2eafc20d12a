using Microsoft.Extensions.Options;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>Makes tokens by which viewers join the rooms of sessions.</summary>
internal sealed class JoinTokens(ViewerTokenKeys keys, IOptionsMonitor<GatewayOptions> options, TimeProvider timeProvider)
{
    private const int LeastSeconds = 10;
    private const int MostSeconds = 86_400;

    /// <summary>Makes a token for the room of a session.</summary>
    /// <exception cref="GatewayException">The viewer token opens another session or none, the session has no room, or a field makes no sense.</exception>
    public async ValueTask<CreateJoinTokenResponse> CreateAsync(Sessions.Session session, CreateJoinTokenRequest request)
    {
        if (request.LifetimeSeconds is not 0 and (< LeastSeconds or > MostSeconds))
        {
            throw Requests.Invalid("lifetime_seconds", $"The lifetime is {LeastSeconds} to {MostSeconds} seconds, or 0.");
        }

        Requests.ValidateText("viewer_id", request.ViewerId, Requests.MaxNameBytes);
        var lifetime = request.LifetimeSeconds == 0 ? options.CurrentValue.JoinTokenLifetime : TimeSpan.FromSeconds(request.LifetimeSeconds);
        if (request.ViewerToken.Length == 0)
        {
            string viewerId = request.ViewerId.Length > 0 ? request.ViewerId : Requests.CreateId("viewer");
            return RoomOf(session).CreateJoin(viewerId, request.MayTalk, lifetime);
        }

        if (request.ViewerId.Length > 0 || request.MayTalk)
        {
            throw Requests.Invalid("viewer_token", "Who joins, and whether it may talk, is what the viewer token says: leave viewer_id and may_talk away.");
        }

        // A verifier lets a token be a little late: there is no time left to give then.
        const string field = "viewer_token";
        var viewer = await keys.Verifier.VerifyAsync(request.ViewerToken, session.Id, field);
        var left = viewer.ExpireTime - timeProvider.GetUtcNow();
        if (left < TimeSpan.FromSeconds(1))
        {
            throw ViewerTokens.Expired(field);
        }

        return RoomOf(session).CreateJoin(
            viewer.ViewerId, viewer.Permissions.HasFlag(ViewerPermissions.Talk), left < lifetime ? left : lifetime);
    }

    private static RoomEgress RoomOf(Sessions.Session session)
    {
        if (session.IsClosed)
        {
            throw new GatewayException(ErrorReason.SessionClosed, "The session is closed: open another.");
        }

        return session.Egress as RoomEgress
            ?? throw new GatewayException(ErrorReason.NoEgress, "The session is published into no room: read its feed instead.");
    }
}
