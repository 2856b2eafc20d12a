namespace MotionGateway.MotionServer;

/// <summary>What a warm-up has reached.</summary>
public sealed record PrewarmResult
{
    internal PrewarmResult()
    {
    }

    /// <summary>The region that the next connection is tried in first; null when explicit URLs lead there.</summary>
    public string? Region { get; internal init; }

    /// <summary>How the configured region was found.</summary>
    public RegionSource RegionSource { get; internal init; }

    /// <summary>Session tokens that wait for the next connections.</summary>
    public int TokensReady { get; internal init; }

    /// <summary>Hosts, with their port where it is not the scheme's, to which a connection is open now.</summary>
    public IReadOnlyList<string> WarmHosts { get; internal init; } = [];

    /// <summary>What failed, in the order of the attempts; those of regions that were given up are among them.</summary>
    public IReadOnlyList<MotionServerException> Failures { get; internal init; } = [];

    /// <summary>Whether everything is ready in <see cref="Region"/>.</summary>
    public bool IsReady { get; internal init; }
}
