using System.Security.Cryptography;
using System.Text;

namespace MotionGateway.LocalMotion.Tokens;

/// <summary>Compares what a request brings with the server's API key, in a time that tells nothing about either.</summary>
internal sealed class ApiKeyCheck(string apiKey)
{
    private readonly byte[] _hash = SHA256.HashData(Encoding.UTF8.GetBytes(apiKey));

    public bool Fits(string given) => CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), _hash);
}
