using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MotionGateway.Hosting;

/// <summary>A certificate with its private key and issuers, as a side of a connection shows it.</summary>
/// <param name="Certificate">The certificate, with its key.</param>
/// <param name="Context">The same with its issuers.</param>
internal sealed record OwnCertificate(X509Certificate2 Certificate, SslStreamCertificateContext Context)
{
    private const string ServerPurpose = "1.3.6.1.5.5.7.3.1";
    private const string ClientPurpose = "1.3.6.1.5.5.7.3.2";
    private const string AnyPurpose = "2.5.29.37.0";

    /// <summary>When it ends.</summary>
    public DateTimeOffset EndTime => Certificate.NotAfter;

    /// <summary>Reads a server's.</summary>
    /// <exception cref="TlsFileException">A file cannot be used.</exception>
    public static OwnCertificate Load(TlsOptions options, DateTimeOffset now) => options.PfxFile is { } pfx
        ? Check(LoadPfx(pfx, options.PfxPasswordFile), nameof(options.PfxFile), ServerPurpose, now)
        : Check(LoadPem(options.CertificateFile!, options.KeyFile), nameof(options.CertificateFile), ServerPurpose, now);

    /// <summary>Reads a client's; null when it has none.</summary>
    /// <exception cref="TlsFileException">A file cannot be used.</exception>
    public static OwnCertificate? Load(ClientTlsOptions options, DateTimeOffset now) => options.CertificateFile is { } file
        ? Check(LoadPem(file, options.KeyFile), nameof(options.CertificateFile), ClientPurpose, now) : null;

    private static OwnCertificate LoadPem(string file, string? keyFile)
    {
        var certificates = TlsFiles.ReadCertificates(nameof(TlsOptions.CertificateFile), file);
        string keySetting = keyFile is null ? nameof(TlsOptions.CertificateFile) : nameof(TlsOptions.KeyFile);
        string key = TlsFiles.ReadText(keySetting, keyFile ?? file);
        try
        {
            return Create(X509Certificate2.CreateFromPem(certificates[0].ExportCertificatePem(), key), certificates);
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            throw new TlsFileException(
                keySetting, $"{keyFile ?? file} holds no key that fits the certificate: name the PEM file of its private key, without a password.");
        }
    }

    private static OwnCertificate LoadPfx(string file, string? passwordFile)
    {
        byte[] bytes = TlsFiles.ReadBytes(nameof(TlsOptions.PfxFile), file);
        string? password = passwordFile is null ? null : TlsFiles.ReadText(nameof(TlsOptions.PfxPasswordFile), passwordFile).TrimEnd('\r', '\n');
        try
        {
            var certificates = X509CertificateLoader.LoadPkcs12Collection(bytes, password);
            return certificates.FirstOrDefault(certificate => certificate.HasPrivateKey) is { } own ? Create(own, certificates)
                : throw new TlsFileException(nameof(TlsOptions.PfxFile), $"{file} holds no certificate with its private key.");
        }
        catch (CryptographicException)
        {
            throw new TlsFileException(
                nameof(TlsOptions.PfxFile), $"{file} is no PKCS #12 file, or its password is not the one in PfxPasswordFile.");
        }
    }

    // What is not in the files is not looked for elsewhere, least of all in the network.
    private static OwnCertificate Create(X509Certificate2 own, X509Certificate2Collection all) =>
        new(own, SslStreamCertificateContext.Create(own, all, offline: true));

    private static OwnCertificate Check(OwnCertificate own, string setting, string purpose, DateTimeOffset now)
    {
        var certificate = own.Certificate;
        if (own.EndTime <= now || certificate.NotBefore > now)
        {
            throw new TlsFileException(setting, own.EndTime <= now
                ? $"The certificate ended on {own.EndTime:u}: have it renewed."
                : $"The certificate begins on {certificate.NotBefore.ToUniversalTime():u} only: have another one made, or set this machine's clock.");
        }

        var purposes = certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().SelectMany(usage => usage.EnhancedKeyUsages.Cast<Oid>()).ToList();
        return purposes.Count == 0 || purposes.Exists(allowed => allowed.Value == purpose || allowed.Value == AnyPurpose) ? own
            : throw new TlsFileException(
                setting, $"The certificate is not for {(purpose == ServerPurpose ? "servers (serverAuth)" : "clients (clientAuth)")}: have one made whose extended key usage says so.");
    }
}
