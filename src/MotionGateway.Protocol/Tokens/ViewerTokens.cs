using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Protocol;

/// <summary>What signer and verifier of viewer tokens agree on.</summary>
public static class ViewerTokens
{
    /// <summary>By how much clocks may differ: so much longer a token opens its session.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    /// <summary>Where the token of a feed stands.</summary>
    public const string StartField = "start.viewer_token";

    /// <summary>Where a newer one stands.</summary>
    public const string RenewalField = "renew_token.viewer_token";

    /// <summary>The session that a token says it is for, as long as nobody has verified that; null where it says none.</summary>
    /// <param name="token">The token.</param>
    public static string? ReadSessionId(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        try
        {
            return token.Length <= ViewerTokenVerifier.MaxTokenLength
                && new JsonWebToken(token).TryGetPayloadValue(JwtRegisteredClaimNames.Sid, out string? sessionId) ? sessionId : null;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or SecurityTokenException)
        {
            return null;
        }
    }

    internal const string Issuer = "motiongateway";
    internal const string Audience = "motiongateway.feed";
    internal const string Algorithm = SecurityAlgorithms.EcdsaSha256;
    internal const string PermissionsClaim = "perm";
    internal const string ReaderClaim = "rdr";
    internal const string InterruptPermission = "interrupt";
    internal const string TalkPermission = "talk";

    /// <summary>The one answer to a token that is missing, malformed, of another signer or of another session.</summary>
    /// <param name="field">Where the token stood in the request.</param>
    public static GatewayException Invalid(string field = StartField) =>
        new(ErrorReason.ViewerTokenInvalid, "The viewer token does not open this session. Ask the application for a new one.") { Field = field };

    /// <summary>The answer to a token that opened the session, and has expired.</summary>
    /// <param name="field">Where the token stood in the request.</param>
    public static GatewayException Expired(string field = StartField) =>
        new(ErrorReason.ViewerTokenExpired, "The viewer token has expired. Ask the application for a new one, and go on by position.") { Field = field };
}
