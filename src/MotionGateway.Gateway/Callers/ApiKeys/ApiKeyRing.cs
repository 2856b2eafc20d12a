using System.Collections.Frozen;
using System.Security.Cryptography;
using MotionGateway.Sessions;

namespace MotionGateway.Gateway;

/// <summary>The API keys that are taken.</summary>
internal sealed class ApiKeyRing
{
    private readonly FrozenDictionary<string, Known> _keys;

    private ApiKeyRing(IEnumerable<ApiKeyEntry> entries, CallerLimits defaults) =>
        _keys = entries.ToFrozenDictionary(entry => entry.Id, entry => Known.From(entry, defaults), StringComparer.Ordinal);

    /// <summary>Reads the file that the settings name; without one no key is taken.</summary>
    /// <exception cref="InvalidDataException">It holds something else.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static ApiKeyRing Read(CallersOptions options) =>
        new(options.ApiKeysFile is { } path ? ApiKeyFile.Read(path) : [], options.DefaultLimits);

    /// <summary>The holder of a key; null when the key is not taken.</summary>
    public CallerPrincipal? Find(string key, DateTimeOffset now) =>
        ApiKey.TryParse(key, out string name, out byte[] hash) && _keys.TryGetValue(name, out var known)
            && CryptographicOperations.FixedTimeEquals(hash, known.Hash) && (known.Expires is not { } end || now < end) ? known.Holder : null;

    private sealed record Known(byte[] Hash, DateTimeOffset? Expires, CallerPrincipal Holder)
    {
        public static Known From(ApiKeyEntry entry, CallerLimits defaults)
        {
            var caller = new Caller($"key:{entry.Id}", Scopes.ToRights(entry.Scopes), entry.Apps?.ToFrozenSet(StringComparer.OrdinalIgnoreCase));
            return new Known(ApiKey.ReadHash(entry.Hash)!, entry.Expires, new CallerPrincipal(caller, (entry.Limits ?? new()).Or(defaults)));
        }
    }
}
