using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace MotionGateway.Gateway;

/// <summary>
/// API keys: <c>mgk_NAME_SECRET</c>, whose secret is 256 random bits. A gateway keeps its SHA-256 alone; a salt would add nothing,
/// since nobody can guess what is hashed.
/// </summary>
public static class ApiKey
{
    private const string Prefix = "mgk_";
    private const string HashPrefix = "sha256:";
    private const char Separator = '_';
    private const int SecretBytes = 32;
    private const int MaxNameLength = 64;

    /// <summary>Makes a key.</summary>
    /// <param name="name">Its name; see <see cref="IsName"/>.</param>
    /// <returns>The key, and the hash to be kept of it.</returns>
    public static (string Key, string Hash) Create(string name)
    {
        string secret = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(SecretBytes));
        return ($"{Prefix}{name}{Separator}{secret}", HashPrefix + Convert.ToHexStringLower(HashOf(secret)));
    }

    /// <summary>Whether a text can name a key: at most 64 letters, digits, points and hyphens.</summary>
    /// <param name="name">The text.</param>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= MaxNameLength && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.');

    /// <summary>Whether a credential is meant as an API key.</summary>
    internal static bool IsApiKey(string credential) => credential.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Takes a key apart.</summary>
    internal static bool TryParse(string credential, out string name, out byte[] hash)
    {
        (name, hash) = ("", []);
        if (!IsApiKey(credential) || credential[Prefix.Length..].Split(Separator, 2) is not [var id, var secret])
        {
            return false;
        }

        (name, hash) = (id, HashOf(secret));
        return true;
    }

    /// <summary>Reads a hash as it is kept; null when the text is none.</summary>
    internal static byte[]? ReadHash(string text)
    {
        byte[] hash = new byte[SHA256.HashSizeInBytes];
        return text.StartsWith(HashPrefix, StringComparison.Ordinal) && text.Length == HashPrefix.Length + (2 * hash.Length)
            && Convert.FromHexString(text.AsSpan(HashPrefix.Length), hash, out _, out _) == OperationStatus.Done ? hash : null;
    }

    private static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
