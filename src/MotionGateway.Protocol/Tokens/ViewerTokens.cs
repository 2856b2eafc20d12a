using Microsoft.IdentityModel.Tokens;

namespace MotionGateway.Protocol;

/// <summary>What signer and verifier of viewer tokens agree on.</summary>
public static class ViewerTokens
{
    /// <summary>The one answer to a token that is missing, malformed, expired, of another signer or of another session.</summary>
    public const string InvalidMessage = "The viewer token does not open this session. Ask the application for a new one.";

    internal const string Issuer = "motiongateway";
    internal const string Audience = "motiongateway.feed";
    internal const string Algorithm = SecurityAlgorithms.EcdsaSha256;
    internal const string PermissionsClaim = "perm";
    internal const string InterruptPermission = "interrupt";
    internal const string TalkPermission = "talk";
}
