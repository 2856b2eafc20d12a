using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Authentication.Certificate;
using MotionGateway.Hosting;

namespace MotionGateway.Gateway;

/// <summary>Knows callers by the client certificates of their connections.</summary>
internal static class CertificateCallers
{
    /// <summary>Sets up ASP.NET Core's handler. It asks nobody whether a certificate was revoked.</summary>
    public static void Configure(
        CertificateAuthenticationOptions certificate, CertificateCallerOptions options, Reloaded<CertificateAuthorities> authorities,
        CallerLimits limits)
    {
        CertificateRule[] rules =
        [
            .. options.Rules.OrderBy(rule => rule.Key, StringComparer.Ordinal).Select(rule => new CertificateRule(rule.Key, rule.Value, limits)),
        ];
        certificate.AllowedCertificateTypes = CertificateTypes.Chained;
        certificate.RevocationMode = X509RevocationMode.NoCheck;
        certificate.ChainTrustValidationMode = X509ChainTrustMode.CustomRootTrust;
        certificate.CustomTrustStore = authorities.Current.Certificates;
        authorities.Changed += changed => certificate.CustomTrustStore = changed.Certificates;
        certificate.Events = new CertificateAuthenticationEvents
        {
            OnCertificateValidated = context =>
            {
                if (Array.Find(rules, rule => rule.IsMetBy(context.ClientCertificate)) is { } rule)
                {
                    context.Principal = rule.Caller;
                    context.Success();
                }
                else
                {
                    context.Fail("The certificate meets none of the rules.");
                }

                return Task.CompletedTask;
            },
        };
    }
}
