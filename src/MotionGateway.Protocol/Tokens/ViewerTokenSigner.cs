using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace MotionGateway.Protocol;

/// <summary>
/// Makes viewer tokens: ES256 JWTs that name a session, a viewer and what it may do. The first of its keys signs; the others are of
/// tokens that were made before, or will be. Thread-safe.
/// </summary>
public sealed class ViewerTokenSigner : IDisposable
{
    private readonly IReadOnlyList<ECDsaSecurityKey> _keys;
    private readonly SigningCredentials _credentials;
    private readonly TimeProvider _timeProvider;
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };

    private ViewerTokenSigner(IEnumerable<ECDsa> keys, TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        _keys = [.. keys.Select(Identify).DistinctBy(key => key.KeyId)];
        _credentials = new SigningCredentials(_keys[0], ViewerTokens.Algorithm);
    }

    /// <summary>A signer whose key lives as long as the process: tokens do not outlive it.</summary>
    /// <param name="timeProvider">The clock.</param>
    public static ViewerTokenSigner CreateInMemory(TimeProvider timeProvider) =>
        new([ECDsa.Create(ECCurve.NamedCurves.nistP256)], timeProvider);

    /// <summary>A signer with the key of a PEM file; makes the file where there is none.</summary>
    /// <param name="path">The file: an EC P-256 private key, PKCS #8 or SEC 1.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read or written, or is a directory.</exception>
    /// <exception cref="InvalidDataException">The file holds no such key.</exception>
    public static ViewerTokenSigner LoadOrCreate(string path, TimeProvider timeProvider)
    {
        CreateKeyFile(path);
        return Load([path], timeProvider);
    }

    /// <summary>A signer with the keys of PEM files; the first one signs.</summary>
    /// <param name="paths">The files, one at the least: each an EC P-256 private key, PKCS #8 or SEC 1.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <exception cref="IOException">A file is not there, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read, or is a directory.</exception>
    /// <exception cref="InvalidDataException">A file holds no such key.</exception>
    public static ViewerTokenSigner Load(IEnumerable<string> paths, TimeProvider timeProvider) => new(paths.Select(ReadKey).ToList(), timeProvider);

    /// <summary>Makes a file with a new key, readable by its owner only, where there is none.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public static void CreateKeyFile(string path)
    {
        if (!Path.Exists(path))
        {
            WriteKeyFile(path);
        }
    }

    /// <summary>Makes a token.</summary>
    /// <param name="sessionId">The session that it opens.</param>
    /// <param name="viewerId">The viewer.</param>
    /// <param name="permissions">What the viewer may do beyond viewing.</param>
    /// <param name="lifetime">How long it opens the session; rounded down to seconds.</param>
    public IssuedViewerToken Issue(string sessionId, string viewerId, ViewerPermissions permissions, TimeSpan lifetime)
    {
        ArgumentException.ThrowIfNullOrEmpty(sessionId);
        ArgumentException.ThrowIfNullOrEmpty(viewerId);
        long expiresAt = _timeProvider.GetUtcNow().ToUnixTimeSeconds() + (long)lifetime.TotalSeconds;
        return Sign(new ViewerIdentity(viewerId, sessionId, permissions, DateTimeOffset.FromUnixTimeSeconds(expiresAt)));
    }

    /// <summary>Makes a ticket: a token that is good for one reader's name alone.</summary>
    /// <param name="viewer">Who the viewer is, by the token that it has shown; the ticket ends with that.</param>
    /// <param name="readerId">The reader's name.</param>
    public IssuedViewerToken IssueTicket(ViewerIdentity viewer, string readerId)
    {
        ArgumentNullException.ThrowIfNull(viewer);
        ArgumentException.ThrowIfNullOrEmpty(readerId);
        return Sign(viewer with { ReaderId = readerId });
    }

    /// <summary>The public keys, as a JSON Web Key Set.</summary>
    public string GetJwks()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartArray("keys");
            foreach (var key in _keys)
            {
                Write(json, key);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>Lets go of the keys. May be called more than once.</summary>
    public void Dispose()
    {
        foreach (var key in _keys)
        {
            key.ECDsa.Dispose();
        }
    }

    private static void Write(Utf8JsonWriter json, ECDsaSecurityKey key)
    {
        var point = key.ECDsa.ExportParameters(includePrivateParameters: false).Q;
        json.WriteStartObject();
        json.WriteString("kty", "EC");
        json.WriteString("crv", "P-256");
        json.WriteString("x", Base64UrlEncoder.Encode(point.X));
        json.WriteString("y", Base64UrlEncoder.Encode(point.Y));
        json.WriteString("kid", key.KeyId);
        json.WriteString("alg", ViewerTokens.Algorithm);
        json.WriteString("use", "sig");
        json.WriteEndObject();
    }

    private static ECDsaSecurityKey Identify(ECDsa key)
    {
        var identified = new ECDsaSecurityKey(key);
        identified.KeyId = Base64UrlEncoder.Encode(identified.ComputeJwkThumbprint());
        return identified;
    }

    private static ECDsa ReadKey(string path)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(path));
            if (IsSigningKey(key))
            {
                return key;
            }
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            // The cause could quote the file, which holds a secret: it is not passed on.
        }

        key.Dispose();
        throw new InvalidDataException($"{path} does not hold an EC P-256 private key in PEM form.");
    }

    private IssuedViewerToken Sign(ViewerIdentity viewer)
    {
        var claims = new Dictionary<string, object>
        {
            [JwtRegisteredClaimNames.Iss] = ViewerTokens.Issuer,
            [JwtRegisteredClaimNames.Aud] = ViewerTokens.Audience,
            [JwtRegisteredClaimNames.Sub] = viewer.ViewerId,
            [JwtRegisteredClaimNames.Sid] = viewer.SessionId,
            [JwtRegisteredClaimNames.Iat] = _timeProvider.GetUtcNow().ToUnixTimeSeconds(),
            [JwtRegisteredClaimNames.Exp] = viewer.ExpireTime.ToUnixTimeSeconds(),
            [JwtRegisteredClaimNames.Jti] = Guid.NewGuid().ToString("N"),
            [ViewerTokens.PermissionsClaim] = ToNames(viewer.Permissions),
        };
        if (viewer.ReaderId is { } readerId)
        {
            claims[ViewerTokens.ReaderClaim] = readerId;
        }

        var descriptor = new SecurityTokenDescriptor { SigningCredentials = _credentials, Claims = claims };
        return new IssuedViewerToken(_handler.CreateToken(descriptor), viewer.ViewerId, viewer.ExpireTime);
    }

    // PEM is also a form of public keys, and 256 bits are also the size of keys of other curves.
    private static bool IsSigningKey(ECDsa key)
    {
        var parameters = key.ExportParameters(includePrivateParameters: true);
        bool isPrivate = parameters.D is not null;
        CryptographicOperations.ZeroMemory(parameters.D);
        return isPrivate && parameters.Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value;
    }

    private static string[] ToNames(ViewerPermissions permissions)
    {
        List<string> names = [];
        if (permissions.HasFlag(ViewerPermissions.Interrupt))
        {
            names.Add(ViewerTokens.InterruptPermission);
        }

        if (permissions.HasFlag(ViewerPermissions.Talk))
        {
            names.Add(ViewerTokens.TalkPermission);
        }

        return [.. names];
    }

    // Written beside the path and moved there whole: of two first starts at once, both end up with the one that came first.
    private static void WriteKeyFile(string path)
    {
        string fullPath = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(fullPath)!);
        string draft = $"{fullPath}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var key = ECDsa.Create(ECCurve.NamedCurves.nistP256))
        using (var writer = new StreamWriter(draft, Encoding.ASCII, options))
        {
            writer.WriteLine(key.ExportPkcs8PrivateKeyPem());
        }

        try
        {
            File.Move(draft, fullPath, overwrite: false);
        }
        catch (IOException) when (File.Exists(fullPath))
        {
            File.Delete(draft);
        }
    }
}
