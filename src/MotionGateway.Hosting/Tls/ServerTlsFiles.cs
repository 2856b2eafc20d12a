using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace MotionGateway.Hosting;

/// <summary>What a server's files say: its certificate, and whose clients it lets in.</summary>
/// <param name="Own">The certificate.</param>
/// <param name="ClientAuthorities">The CAs of clients; null where these are asked for no certificate.</param>
internal sealed record ServerTlsFiles(OwnCertificate Own, X509Certificate2Collection? ClientAuthorities)
{
    /// <exception cref="TlsFileException">A file cannot be used.</exception>
    public static ServerTlsFiles Load(TlsOptions options, DateTimeOffset now) =>
        new(OwnCertificate.Load(options, now), LoadClientAuthorities(options));

    /// <exception cref="TlsFileException">The file cannot be used.</exception>
    public static X509Certificate2Collection? LoadClientAuthorities(TlsOptions options) =>
        options.ClientCaFile is { } file ? TlsFiles.ReadCertificates(nameof(options.ClientCaFile), file) : null;

    /// <summary>Has one handshake done by them.</summary>
    public void Apply(SslServerAuthenticationOptions handshake)
    {
        handshake.ServerCertificateSelectionCallback = null;
        handshake.ServerCertificateContext = Own.Context;
        if (ClientAuthorities is not null)
        {
            handshake.CertificateChainPolicy = TlsFiles.CreatePolicy(ClientAuthorities);
        }
    }
}
