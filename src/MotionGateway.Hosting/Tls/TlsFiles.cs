using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MotionGateway.Hosting;

/// <summary>Reads the files of certificates and keys, and says of which setting is wrong what.</summary>
internal static class TlsFiles
{
    /// <summary>The certificates of a PEM file; one at least.</summary>
    /// <exception cref="TlsFileException">It has none, or cannot be read.</exception>
    public static X509Certificate2Collection ReadCertificates(string setting, string file)
    {
        string text = ReadText(setting, file);
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(text);
        }
        catch (CryptographicException)
        {
            certificates.Clear();
        }

        return certificates.Count > 0 ? certificates
            : throw new TlsFileException(setting, $"{file} holds no certificate in PEM form, which begins with -----BEGIN CERTIFICATE-----.");
    }

    /// <exception cref="TlsFileException">The file cannot be read.</exception>
    public static string ReadText(string setting, string file) => System.Text.Encoding.UTF8.GetString(ReadBytes(setting, file));

    /// <exception cref="TlsFileException">The file cannot be read.</exception>
    public static byte[] ReadBytes(string setting, string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new TlsFileException(setting, $"{failure.Message.TrimEnd('.')}. Name a file that may be read.");
        }
    }

    /// <summary>Believes the certificates of these CAs only. What is not at hand is not looked for in the network, lists of revoked ones neither.</summary>
    public static X509ChainPolicy CreatePolicy(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    /// <summary>What is wrong with what is read; null when it can be used.</summary>
    public static string? FindProblem(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (TlsFileException failure)
        {
            return failure.Message;
        }
    }
}
