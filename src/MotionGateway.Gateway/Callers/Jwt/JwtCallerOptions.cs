namespace MotionGateway.Gateway;

/// <summary>
/// The JSON Web Tokens that callers are known by: signed with RSA or ECDSA, with <c>sub</c>, which names the caller, and <c>exp</c>. Exactly one
/// of JwksUrl, JwksFile and KeyFile says by which keys they are verified.
/// </summary>
public sealed class JwtCallerOptions
{
    /// <summary>Who issues them: their <c>iss</c>.</summary>
    public string Issuer { get; set; } = "";

    /// <summary>For whom they are: their <c>aud</c> names it.</summary>
    public string Audience { get; set; } = "";

    /// <summary>
    /// Address of the issuer's JSON Web Key Set, https or on this machine. It is got when it is needed, again once in a
    /// JwksRefreshInterval, and when a token names a key that is not there, at most every 30 s.
    /// </summary>
    public Uri? JwksUrl { get; set; }

    /// <summary>File of the issuer's JSON Web Key Set. It is read again when it changes.</summary>
    public string? JwksFile { get; set; }

    /// <summary>PEM file of the issuer's public key, RSA or EC. It is read again when it changes.</summary>
    public string? KeyFile { get; set; }

    /// <summary>How often keys are got from JwksUrl: 5 minutes to 1 day. Default 1 hour.</summary>
    public TimeSpan JwksRefreshInterval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The claim that holds the caller's scopes, as a list or with spaces between them. Others than the gateway's are passed over. Default scope.</summary>
    public string ScopeClaim { get; set; } = "scope";

    /// <summary>The claim that holds the apps which the caller may reach, one or a list. A token without it is for all apps. Default app.</summary>
    public string AppClaim { get; set; } = "app";

    /// <summary>By how much clocks may differ: so much longer a token is good. Zero to 5 minutes. Default 30 s.</summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(30);
}
