namespace MotionGateway.MotionServer;

/// <summary>What lets the Motion Server into a LiveKit room.</summary>
public sealed class LiveKitCredentials
{
    private LiveKitCredentials()
    {
    }

    internal string Token { get; private init; } = "";

    internal string Key { get; private init; } = "";

    internal string Secret { get; private init; } = "";

    /// <summary>A join token that allows publishing into the room. Preferred: it opens one room, and expires.</summary>
    /// <param name="token">The token; a secret.</param>
    /// <exception cref="ArgumentException">It is empty.</exception>
    public static LiveKitCredentials FromToken(string token)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(token);
        return new LiveKitCredentials { Token = token };
    }

    /// <summary>API key and secret of the LiveKit server, which the service has deprecated.</summary>
    /// <param name="key">The API key.</param>
    /// <param name="secret">The API secret.</param>
    /// <exception cref="ArgumentException">One is empty.</exception>
    public static LiveKitCredentials FromKey(string key, string secret)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        ArgumentException.ThrowIfNullOrWhiteSpace(secret);
        return new LiveKitCredentials { Key = key, Secret = secret };
    }

    /// <summary>Says which they are, and nothing of them.</summary>
    public override string ToString() => Token.Length > 0 ? "a join token" : "an API key and its secret";
}
