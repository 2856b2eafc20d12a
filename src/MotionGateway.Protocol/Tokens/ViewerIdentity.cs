namespace MotionGateway.Protocol;

/// <summary>Who a viewer is, by its token.</summary>
/// <param name="ViewerId">The viewer.</param>
/// <param name="SessionId">The session that it may view.</param>
/// <param name="Permissions">What it may do beyond viewing.</param>
/// <param name="ExpireTime">When the token expires.</param>
public sealed record ViewerIdentity(
    string ViewerId, string SessionId, ViewerPermissions Permissions, DateTimeOffset ExpireTime);
