namespace MotionGateway.Testing;

/// <summary>A certificate, followed by its issuer's, and its key, in PEM files.</summary>
/// <param name="Certificate">File of the certificate.</param>
/// <param name="Key">File of the key.</param>
/// <param name="SerialNumber">What the certificate is known by.</param>
public sealed record CertificateFiles(string Certificate, string Key, string SerialNumber)
{
    /// <summary>Puts others in their place, as a renewal does: the key first, the certificate a moment later.</summary>
    public void ReplaceBy(CertificateFiles others)
    {
        File.Copy(others.Key, Key, overwrite: true);
        File.Copy(others.Certificate, Certificate, overwrite: true);
    }
}
