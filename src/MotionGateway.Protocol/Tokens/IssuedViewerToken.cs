namespace MotionGateway.Protocol;

/// <summary>A token that was made for a viewer.</summary>
/// <param name="Token">The token: a secret of the viewer, not to be logged.</param>
/// <param name="ViewerId">The viewer.</param>
/// <param name="ExpireTime">When it expires.</param>
public sealed record IssuedViewerToken(string Token, string ViewerId, DateTimeOffset ExpireTime)
{
    /// <summary>Viewer and expiry; never the token.</summary>
    public override string ToString() => $"IssuedViewerToken {{ ViewerId = {ViewerId}, ExpireTime = {ExpireTime:O} }}";
}
