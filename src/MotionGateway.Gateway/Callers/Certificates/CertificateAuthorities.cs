using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MotionGateway.Gateway;

/// <summary>The authorities whose client certificates are taken.</summary>
/// <param name="Certificates">Their certificates.</param>
internal sealed record CertificateAuthorities(X509Certificate2Collection Certificates)
{
    /// <summary>Reads a PEM file.</summary>
    /// <exception cref="InvalidDataException">It holds no certificate.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static CertificateAuthorities Read(string path)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(File.ReadAllText(path));
        }
        catch (CryptographicException)
        {
            throw new InvalidDataException($"'{path}' holds a certificate that cannot be read");
        }

        return certificates.Count > 0
            ? new CertificateAuthorities(certificates) : throw new InvalidDataException($"'{path}' holds no certificate in PEM form");
    }
}
