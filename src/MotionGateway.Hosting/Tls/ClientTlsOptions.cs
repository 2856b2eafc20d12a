namespace MotionGateway.Hosting;

/// <summary>
/// Whom a client believes, and as whom it calls. Files are read again when they change: new connections are made by what they say
/// then.
/// </summary>
public sealed class ClientTlsOptions
{
    /// <summary>PEM file of the CAs that the server's certificate is to be of. Null: those that this machine trusts.</summary>
    public string? CaFile { get; set; }

    /// <summary>PEM file of the client's certificate, followed by those of its issuers but for the root. Null: it shows none.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>PEM file of the client certificate's private key, without a password. Null: it stands in <see cref="CertificateFile"/>.</summary>
    public string? KeyFile { get; set; }

    /// <summary>The name that the server's certificate is to be for, where it is called by another. Null: the one in its address.</summary>
    public string? ServerName { get; set; }

    /// <summary>The files that are named.</summary>
    internal IReadOnlyList<string> Files => [.. new[] { CaFile, CertificateFile, KeyFile }.OfType<string>()];
}
