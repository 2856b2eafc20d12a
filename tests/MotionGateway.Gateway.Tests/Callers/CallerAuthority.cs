using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MotionGateway.Gateway.Tests;

/// <summary>An authority that issues certificates for the length of a test.</summary>
internal sealed class CallerAuthority : IDisposable
{
    private static readonly DateTimeOffset Begin = DateTimeOffset.UtcNow.AddDays(-1);

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;

    public CallerAuthority()
    {
        var request = new CertificateRequest("CN=authority", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _certificate = request.CreateSelfSigned(Begin, DateTimeOffset.UtcNow.AddDays(30));
    }

    public string Pem => _certificate.ExportCertificatePem();

    /// <summary>Issues a certificate with its key.</summary>
    /// <param name="subject">Its subject.</param>
    /// <param name="purpose">What it is for: an object identifier.</param>
    /// <param name="name">Adds other names.</param>
    /// <param name="end">When it ends.</param>
    public X509Certificate2 Issue(
        string subject, string purpose = ClientAuthentication, Action<SubjectAlternativeNameBuilder>? name = null, DateTimeOffset? end = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        name?.Invoke(names);
        request.CertificateExtensions.Add(names.Build());
        using var bare = request.Create(_certificate, Begin, end ?? DateTimeOffset.UtcNow.AddDays(1), RandomNumberGenerator.GetBytes(8));
        using var whole = bare.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pfx), null);
    }

    public const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    public const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }
}
