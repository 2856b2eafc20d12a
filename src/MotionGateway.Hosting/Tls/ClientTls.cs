using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace MotionGateway.Hosting;

/// <summary>What a client's files say: whom it believes, and as whom it calls.</summary>
public sealed class ClientTls
{
    private readonly X509Certificate2Collection? _authorities;
    private readonly OwnCertificate? _own;
    private readonly string? _serverName;

    private ClientTls(X509Certificate2Collection? authorities, OwnCertificate? own, string? serverName) =>
        (_authorities, _own, _serverName) = (authorities, own, serverName);

    /// <summary>Reads the files.</summary>
    /// <param name="options">Which.</param>
    /// <param name="now">The time, at which the client's certificate has to be good.</param>
    /// <exception cref="TlsFileException">A file cannot be used.</exception>
    public static ClientTls Load(ClientTlsOptions options, DateTimeOffset now) =>
        new(LoadAuthorities(options), OwnCertificate.Load(options, now), options.ServerName);

    /// <summary>How a connection is made.</summary>
    /// <param name="host">Whom it goes to; <see cref="SocketsHttpHandler"/> fills it in itself.</param>
    public SslClientAuthenticationOptions CreateOptions(string? host = null) => new()
    {
        TargetHost = _serverName ?? host,
        CertificateChainPolicy = _authorities is null ? null : TlsFiles.CreatePolicy(_authorities),
        ClientCertificateContext = _own?.Context,
    };

    /// <exception cref="TlsFileException">The file cannot be used.</exception>
    internal static X509Certificate2Collection? LoadAuthorities(ClientTlsOptions options) =>
        options.CaFile is { } file ? TlsFiles.ReadCertificates(nameof(options.CaFile), file) : null;
}
