namespace MotionGateway.Gateway.Tests;

/// <summary>A file of API keys, in a directory of its own.</summary>
internal sealed class CallerKeys : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("motiongateway-keys-");

    public string Path => System.IO.Path.Combine(_directory.FullName, "callers.jsonl");

    /// <summary>Makes a key; without scopes one that has all.</summary>
    public string Create(
        string name, IReadOnlyList<string>? scopes = null, IReadOnlyList<string>? apps = null, CallerLimits? limits = null,
        DateTimeOffset? expires = null)
    {
        var (key, hash) = ApiKey.Create(name);
        ApiKeyFile.Add(Path, new ApiKeyEntry
        {
            Id = name,
            Hash = hash,
            Scopes = scopes ?? Scopes.Names,
            Apps = apps,
            Limits = limits,
            Expires = expires,
        });
        return key;
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
