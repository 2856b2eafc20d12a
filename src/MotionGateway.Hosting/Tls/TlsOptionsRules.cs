namespace MotionGateway.Hosting;

/// <summary>What must hold of the settings of TLS, all checked before any is reported.</summary>
public static class TlsOptionsRules
{
    /// <summary>Names everything that is wrong with how a service does TLS, each beginning with the setting's path.</summary>
    /// <param name="urls">The addresses to listen on, <c>;</c> between them.</param>
    /// <param name="tls">The settings, named <c>Tls</c>.</param>
    public static IEnumerable<string> FindProblems(string urls, TlsOptions? tls)
    {
        string[] https = [.. urls.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(IsHttps)];
        if (tls is null)
        {
            return https.Select(url =>
                $"Urls: '{url}' needs a certificate: set Tls:CertificateFile and Tls:KeyFile, or Tls:PfxFile. Or listen on http, with a proxy that does TLS in front of it.");
        }

        var problems = FindProblems(tls).Select(problem => $"Tls:{problem}");
        return https.Length > 0 ? problems
            : problems.Prepend("Tls is set, and no address in Urls is https: write https:// for those that are to be served by TLS, or leave Tls out.");
    }

    /// <summary>Names everything that is wrong with how a client does TLS, each beginning with the setting's name.</summary>
    /// <param name="tls">The settings.</param>
    public static IEnumerable<string> FindProblems(ClientTlsOptions tls)
    {
        if (TlsFiles.FindProblem(() => ClientTls.LoadAuthorities(tls)) is { } problem)
        {
            yield return problem;
        }

        if (tls is { CertificateFile: null, KeyFile: not null })
        {
            yield return "CertificateFile is empty: name the PEM file of the certificate that KeyFile is the key of.";
        }
        else if (TlsFiles.FindProblem(() => OwnCertificate.Load(tls, DateTimeOffset.UtcNow)) is { } own)
        {
            yield return own;
        }
    }

    /// <summary>Whether an address is to be served, or called, by TLS.</summary>
    /// <param name="url">Such as <c>https://127.0.0.1:8443</c>.</param>
    public static bool IsHttps(string url) => url.StartsWith("https:", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<string> FindProblems(TlsOptions tls)
    {
        if (FindContradiction(tls) is { } contradiction)
        {
            yield return contradiction;
        }
        else if (TlsFiles.FindProblem(() => OwnCertificate.Load(tls, DateTimeOffset.UtcNow)) is { } problem)
        {
            yield return problem;
        }

        if (tls is { RequireClientCertificate: true, ClientCaFile: null })
        {
            yield return "ClientCaFile is empty: RequireClientCertificate needs the CAs whose clients are let in.";
        }
        else if (TlsFiles.FindProblem(() => ServerTlsFiles.LoadClientAuthorities(tls)) is { } problem)
        {
            yield return problem;
        }
    }

    private static string? FindContradiction(TlsOptions tls) => tls switch
    {
        { CertificateFile: null, PfxFile: null } => "CertificateFile is empty: name the PEM file of the certificate, or set PfxFile.",
        { CertificateFile: not null, PfxFile: not null } => "PfxFile and CertificateFile are both set: keep the one that is to be served.",
        { KeyFile: not null, PfxFile: not null } => "KeyFile is the key of a CertificateFile, and PfxFile has its own: leave KeyFile out.",
        { PfxPasswordFile: not null, PfxFile: null } => "PfxPasswordFile is the password of a PfxFile, and there is none: leave it out.",
        _ => null,
    };
}
