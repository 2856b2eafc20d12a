using Microsoft.Extensions.Options;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.Sessions;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>Makes tokens by which viewers join the rooms of sessions.</summary>
internal sealed class JoinTokens(
    SessionAccess access, ViewerTokenKeys keys, IOptionsMonitor<GatewayOptions> options, TimeProvider timeProvider)
{
    private const int LeastSeconds = 10;
    private const int MostSeconds = 86_400;

    /// <summary>Makes a token for a viewer whom the caller names.</summary>
    /// <exception cref="GatewayException">The session has no room, or a field makes no sense.</exception>
    public CreateJoinTokenResponse Create(Sessions.Session session, CreateJoinTokenRequest request)
    {
        var lifetime = ReadLifetime(request);
        Requests.ValidateText("viewer_id", request.ViewerId, Requests.MaxNameBytes);
        string viewerId = request.ViewerId.Length > 0 ? request.ViewerId : Requests.CreateId("viewer");
        return RoomOf(session).CreateJoin(viewerId, request.MayTalk, lifetime);
    }

    /// <summary>Makes a token for the viewer of a viewer token, which is the right to it, whoever shows it.</summary>
    /// <exception cref="GatewayException">The viewer token opens another session or none, the session has no room, or a field makes no sense.</exception>
    public async ValueTask<CreateJoinTokenResponse> CreateForViewerAsync(CreateJoinTokenRequest request, CancellationToken cancellationToken)
    {
        const string field = "viewer_token";
        var lifetime = ReadLifetime(request);
        if (request.ViewerId.Length > 0 || request.MayTalk)
        {
            throw Requests.Invalid(field, "Who joins, and whether it may talk, is what the viewer token says: leave viewer_id and may_talk away.");
        }

        // A verifier lets a token be a little late: there is no time left to give then.
        var viewer = await keys.Verifier.VerifyAsync(request.ViewerToken, request.SessionId, field);
        var left = viewer.ExpireTime - timeProvider.GetUtcNow();
        if (left < TimeSpan.FromSeconds(1))
        {
            throw ViewerTokens.Expired(field);
        }

        var session = await access.FindForViewerAsync(request.SessionId, field, cancellationToken);
        return RoomOf(session).CreateJoin(
            viewer.ViewerId, viewer.Permissions.HasFlag(ViewerPermissions.Talk), left < lifetime ? left : lifetime);
    }

    private TimeSpan ReadLifetime(CreateJoinTokenRequest request)
    {
        if (request.LifetimeSeconds is not 0 and (< LeastSeconds or > MostSeconds))
        {
            throw Requests.Invalid("lifetime_seconds", $"The lifetime is {LeastSeconds} to {MostSeconds} seconds, or 0.");
        }

        return request.LifetimeSeconds == 0 ? options.CurrentValue.JoinTokenLifetime : TimeSpan.FromSeconds(request.LifetimeSeconds);
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
