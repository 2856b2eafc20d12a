using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MotionGateway.Testing;

/// <summary>A certificate authority of one test. What it issues stands in PEM files of a directory that disposal deletes.</summary>
public sealed class TestAuthority : IDisposable
{
    private static readonly TimeSpan Skew = TimeSpan.FromHours(1);
    private static readonly DateTimeOffset End = DateTimeOffset.UtcNow + TimeSpan.FromDays(365);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("motiongateway-ca-");
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _issuer;
    private int _issued;

    /// <summary>Makes an authority that issues by an intermediate certificate, as public ones do.</summary>
    public TestAuthority()
    {
        _root = CreateAuthority("CN=Test root", issuer: null);
        _issuer = CreateAuthority("CN=Test issuer", _root);
        File.WriteAllText(RootFile, _root.ExportCertificatePem());
    }

    /// <summary>What others believe it by.</summary>
    public string RootFile => PathTo("root.pem");

    /// <summary>Issues a certificate for servers of this machine.</summary>
    /// <param name="name">The subject's name.</param>
    /// <param name="host">The name in place of this machine's; null for this machine's names and addresses.</param>
    /// <param name="end">When it ends; null for in a year.</param>
    public CertificateFiles IssueServer(string name = "server", string? host = null, DateTimeOffset? end = null)
    {
        var names = new SubjectAlternativeNameBuilder();
        if (host is null)
        {
            names.AddDnsName("localhost");
            names.AddIpAddress(IPAddress.Loopback);
        }
        else
        {
            names.AddDnsName(host);
        }

        return Issue(name, "1.3.6.1.5.5.7.3.1", end ?? End, names.Build());
    }

    /// <summary>Issues a certificate for clients.</summary>
    /// <param name="name">The subject's name.</param>
    public CertificateFiles IssueClient(string name = "client") => Issue(name, "1.3.6.1.5.5.7.3.2", End);

    /// <summary>A path in its directory.</summary>
    public string PathTo(string name) => Path.Combine(_directory.FullName, name);

    public void Dispose()
    {
        _root.Dispose();
        _issuer.Dispose();
        _directory.Delete(recursive: true);
    }

    private CertificateFiles Issue(string name, string purpose, DateTimeOffset end, params X509Extension[] extensions)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], critical: false));
        foreach (var extension in extensions)
        {
            request.CertificateExtensions.Add(extension);
        }

        var begin = (end < DateTimeOffset.UtcNow ? end : DateTimeOffset.UtcNow) - Skew;
        using var certificate = request.Create(_issuer, begin, end, RandomNumberGenerator.GetBytes(8));
        int number = Interlocked.Increment(ref _issued);
        var files = new CertificateFiles(PathTo($"{name}-{number}.pem"), PathTo($"{name}-{number}.key"), certificate.SerialNumber);
        File.WriteAllText(files.Certificate, certificate.ExportCertificatePem() + "\n" + _issuer.ExportCertificatePem());
        File.WriteAllText(files.Key, key.ExportPkcs8PrivateKeyPem());
        return files;
    }

    private static X509Certificate2 CreateAuthority(string name, X509Certificate2? issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var begin = DateTimeOffset.UtcNow - (1000 * Skew);
        if (issuer is null)
        {
            return request.CreateSelfSigned(begin, End + (2 * Skew));
        }

        using var certificate = request.Create(issuer, begin + Skew, End + Skew, RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }
}
