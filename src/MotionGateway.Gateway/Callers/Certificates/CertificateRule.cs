using System.Collections.Frozen;
using System.Security.Cryptography.X509Certificates;
using MotionGateway.Sessions;

namespace MotionGateway.Gateway;

/// <summary>Which certificates are a caller's.</summary>
internal sealed class CertificateRule(string name, CertificateRuleOptions options, CallerLimits defaults)
{
    // Written as a certificate's own is, whatever its spaces and the case of its keywords.
    private readonly string? _subject = options.Subject is { Length: > 0 } subject
        ? new X500DistinguishedName(subject).Decode(X500DistinguishedNameFlags.Reversed) : null;

    /// <summary>The caller.</summary>
    public CallerPrincipal Caller { get; } = new(
        new Caller($"certificate:{name}", Scopes.ToRights(options.Scopes), options.Apps.Count > 0 ? options.Apps.ToFrozenSet(StringComparer.OrdinalIgnoreCase) : null),
        options.Limits.Or(defaults));

    /// <summary>Whether a certificate is the caller's. That its authority is trusted is known already.</summary>
    public bool IsMetBy(X509Certificate2 certificate) => _subject is not null
        ? certificate.SubjectName.Name == _subject
        : NamesOf(certificate).Any(IsMetBy);

    private bool IsMetBy(string san) => options.San is [.. var start, '*']
        ? san.StartsWith(start, StringComparison.Ordinal) : san == options.San;

    private static IEnumerable<string> NamesOf(X509Certificate2 certificate) => certificate.Extensions
        .OfType<X509SubjectAlternativeNameExtension>()
        .SelectMany(names => names.EnumerateDnsNames())
        .Append(certificate.GetNameInfo(X509NameType.UrlName, forIssuer: false));
}
