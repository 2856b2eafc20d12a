using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MotionGateway.Gateway;

/// <summary>Finds everything that is wrong with the settings of callers.</summary>
internal static class CallersOptionsRules
{
    /// <returns>A sentence for each, beginning with the setting's path within the gateway's.</returns>
    public static IEnumerable<string> FindProblems(CallersOptions options) =>
    [
        .. options.ApiKeysFile is null ? [] : FindProblem(
            () => ApiKeyRing.Read(options), "ApiKeysFile", "Name a file that the gateway may read and that 'motiongateway keys create' has made."),
        .. options.Jwt is { } jwt ? FindProblems(jwt).Select(problem => $"Jwt:{problem}") : [],
        .. options.Certificates is { } certificates ? FindProblems(certificates).Select(problem => $"Certificates:{problem}") : [],
        .. options.DefaultLimits.Validate().Select(problem => $"DefaultLimits:{problem}"),
    ];

    private static IEnumerable<string> FindProblems(JwtCallerOptions jwt)
    {
        if (jwt.Issuer.Length == 0)
        {
            yield return "Issuer is empty: set it to the iss of your tokens.";
        }

        if (jwt.Audience.Length == 0)
        {
            yield return "Audience is empty: set it to the aud of the tokens that are for this gateway.";
        }

        if (jwt.ScopeClaim.Length == 0 || jwt.AppClaim.Length == 0)
        {
            yield return "ScopeClaim and AppClaim must name claims.";
        }

        if (jwt.ClockSkew < TimeSpan.Zero || jwt.ClockSkew > TimeSpan.FromMinutes(5))
        {
            yield return "ClockSkew must be zero to 5 minutes.";
        }

        if (jwt.JwksRefreshInterval < TimeSpan.FromMinutes(5) || jwt.JwksRefreshInterval > TimeSpan.FromDays(1))
        {
            yield return "JwksRefreshInterval must be 5 minutes to 1 day.";
        }

        if (JwtKeys.FilesOf(jwt).Count + (jwt.JwksUrl is null ? 0 : 1) != 1)
        {
            yield return "JwksUrl, JwksFile and KeyFile: set exactly one of them.";
        }
        else if (jwt.JwksUrl is { } url && url.Scheme != Uri.UriSchemeHttps && !(url.Scheme == Uri.UriSchemeHttp && url.IsLoopback))
        {
            yield return "JwksUrl must be https, or http on this machine: who changes it on the way can let anybody in.";
        }

        foreach (string problem in FindProblem(
            () => JwtKeys.Read(jwt), jwt.KeyFile is null ? "JwksFile" : "KeyFile", "Name a file of the issuer's public keys that the gateway may read."))
        {
            yield return problem;
        }
    }

    private static IEnumerable<string> FindProblems(CertificateCallerOptions certificates) =>
    [
        .. FindProblem(
            () => CertificateAuthorities.Read(certificates.CaFile), "CaFile", "Name a PEM file of authorities that the gateway may read."),
        .. certificates.Rules.Count > 0 ? [] : new[] { "Rules is empty: no certificate would be taken. Add a rule, such as Rules:agent:San." },
        .. certificates.Rules.SelectMany(rule => FindProblems(rule.Value).Select(problem => $"Rules:{rule.Key}:{problem}")),
    ];

    private static IEnumerable<string> FindProblems(CertificateRuleOptions rule)
    {
        if (string.IsNullOrEmpty(rule.Subject) == string.IsNullOrEmpty(rule.San) || rule.San == "*")
        {
            yield return "Subject and San: set exactly one of them, to more than a *.";
        }
        else if (rule.Subject is { } subject && !IsName(subject))
        {
            yield return "Subject is no distinguished name such as CN=agent, O=Example.";
        }

        if (Scopes.FindProblem([.. rule.Scopes]) is { } problem)
        {
            yield return $"Scopes: {problem}.";
        }

        foreach (string limit in rule.Limits.Validate())
        {
            yield return $"Limits:{limit}";
        }
    }

    private static bool IsName(string subject)
    {
        try
        {
            return new X500DistinguishedName(subject).Name.Length > 0;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static string[] FindProblem(Action read, string setting, string remedy)
    {
        try
        {
            read();
            return [];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException)
        {
            return [$"{setting}: {failure.Message.TrimEnd('.')}. {remedy}"];
        }
    }
}
