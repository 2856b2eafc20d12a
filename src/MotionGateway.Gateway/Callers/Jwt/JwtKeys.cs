using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace MotionGateway.Gateway;

/// <summary>The keys that an issuer signs with, as far as they come from a file.</summary>
/// <param name="Keys">The keys.</param>
internal sealed record JwtKeys(IReadOnlyList<SecurityKey> Keys)
{
    private const string PublicKeyLabel = "PUBLIC KEY";

    /// <summary>The files that the settings name: at most one.</summary>
    public static IReadOnlyList<string> FilesOf(JwtCallerOptions options) => [.. new[] { options.JwksFile, options.KeyFile }.OfType<string>()];

    /// <summary>Reads what the settings name.</summary>
    /// <exception cref="InvalidDataException">It holds no keys.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static JwtKeys Read(JwtCallerOptions options) => new(
        options.JwksFile is { } set ? ParseSet(File.ReadAllText(set), set)
        : options.KeyFile is { } key ? [ParseKey(File.ReadAllText(key), key)] : []);

    /// <summary>Reads a JSON Web Key Set.</summary>
    /// <param name="json">Its text.</param>
    /// <param name="place">Where it is from.</param>
    /// <exception cref="InvalidDataException">It has no key that could be used.</exception>
    public static IReadOnlyList<SecurityKey> ParseSet(string json, string place)
    {
        try
        {
            return new JsonWebKeySet(json).GetSigningKeys() is { Count: > 0 } keys
                ? [.. keys] : throw new InvalidDataException($"'{place}' has no key to verify signatures with");
        }
        catch (ArgumentException)
        {
            throw new InvalidDataException($"'{place}' is no JSON Web Key Set");
        }
    }

    private static AsymmetricSecurityKey ParseKey(string pem, string path)
    {
        if (!PemEncoding.TryFind(pem, out var fields) || !pem.AsSpan()[fields.Label].SequenceEqual(PublicKeyLabel))
        {
            throw new InvalidDataException($"'{path}' holds no public key in PEM form (BEGIN {PublicKeyLabel})");
        }

        try
        {
            var rsa = RSA.Create();
            rsa.ImportFromPem(pem);
            return new RsaSecurityKey(rsa);
        }
        catch (CryptographicException)
        {
            // Then it is of the other kind.
        }

        try
        {
            var ec = ECDsa.Create();
            ec.ImportFromPem(pem);
            return new ECDsaSecurityKey(ec);
        }
        catch (CryptographicException)
        {
            throw new InvalidDataException($"'{path}' holds a public key that is neither RSA nor EC");
        }
    }
}
