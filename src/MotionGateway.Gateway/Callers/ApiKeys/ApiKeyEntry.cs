namespace MotionGateway.Gateway;

/// <summary>A key as its file keeps it: one line of JSON.</summary>
public sealed record ApiKeyEntry
{
    /// <summary>The key's name.</summary>
    public required string Id { get; init; }

    /// <summary>SHA-256 of its secret, such as <c>sha256:9f86…</c>.</summary>
    public required string Hash { get; init; }

    /// <summary>What its holder may do.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>The apps that its holder may reach; null: all.</summary>
    public IReadOnlyList<string>? Apps { get; init; }

    /// <summary>What its holder may take up; null: what callers may by default.</summary>
    public CallerLimits? Limits { get; init; }

    /// <summary>When it ends; null: when it is revoked.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Finds the first thing that is wrong; null when nothing is.</summary>
    internal string? FindProblem() =>
        !ApiKey.IsName(Id) ? "id has 1 to 64 letters, digits, points and hyphens"
        : ApiKey.ReadHash(Hash) is null ? "hash is sha256: and 64 hexadecimal digits"
        : Gateway.Scopes.FindProblem(Scopes) is { } problem ? $"scopes: {problem}"
        : Apps is { Count: 0 } || Apps?.Any(string.IsNullOrEmpty) == true ? "apps names none: leave it out for all"
        : Limits?.Validate().FirstOrDefault() is { } limit ? $"limits: {limit.TrimEnd('.')}" : null;
}
