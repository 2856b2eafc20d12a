namespace MotionGateway.Hosting;

/// <summary>
/// How a service does TLS. Its files are read again when they change: new connections get what they say then, and those that are
/// there go on.
/// </summary>
public sealed class TlsOptions
{
    /// <summary>PEM file of the certificate, followed by those of its issuers but for the root. Null: <see cref="PfxFile"/> has it.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>PEM file of the certificate's private key, without a password. Null: it stands in <see cref="CertificateFile"/>.</summary>
    public string? KeyFile { get; set; }

    /// <summary>PKCS #12 file of the certificate, its key and its issuers, in place of PEM files. Null: PEM files are used.</summary>
    public string? PfxFile { get; set; }

    /// <summary>File that holds the password of <see cref="PfxFile"/>. Null: there is no password.</summary>
    public string? PfxPasswordFile { get; set; }

    /// <summary>PEM file of the CAs whose client certificates are let in. Null: clients are asked for none.</summary>
    public string? ClientCaFile { get; set; }

    /// <summary>Whether clients without a certificate of <see cref="ClientCaFile"/> are refused. Default false: they may do without.</summary>
    public bool RequireClientCertificate { get; set; }

    /// <summary>The oldest version that is spoken: Tls12, the default, or Tls13.</summary>
    public TlsVersion MinimumVersion { get; set; } = TlsVersion.Tls12;

    /// <summary>The files that are named.</summary>
    internal IReadOnlyList<string> Files =>
        [.. new[] { CertificateFile, KeyFile, PfxFile, PfxPasswordFile, ClientCaFile }.OfType<string>()];
}
