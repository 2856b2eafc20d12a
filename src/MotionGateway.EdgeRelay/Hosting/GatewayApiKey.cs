namespace MotionGateway.EdgeRelay;

/// <summary>The key by which the gateway knows the relay, from a file.</summary>
/// <param name="Key">The key.</param>
internal sealed record GatewayApiKey(string Key)
{
    private const int MaxBytes = 8 * 1024;

    /// <summary>Reads a file that holds a key and nothing else.</summary>
    /// <exception cref="InvalidDataException">It holds something else.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static GatewayApiKey Read(string path)
    {
        string key = new FileInfo(path) is { Exists: true, Length: > MaxBytes } ? "" : File.ReadAllText(path).Trim();
        return key.Length > 0 && key.All(c => c is > ' ' and <= '~')
            ? new GatewayApiKey(key) : throw new InvalidDataException($"'{path}' holds no API key: one line of visible characters");
    }

    /// <summary>Key and all stay out of logs.</summary>
    public override string ToString() => nameof(GatewayApiKey);
}
