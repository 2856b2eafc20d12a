namespace MotionGateway.MotionServer;

/// <summary>What a warm-up has reached.</summary>
public sealed record PrewarmResult
{
    internal PrewarmResult()
    {
    }

    /// <summary>The region that was warmed, or that failed for good; null when explicit URLs lead there.</summary>
    public string? Region { get; internal init; }

    /// <summary>What failed, in the order of the attempts; those of regions that were given up are among them.</summary>
    public IReadOnlyList<MotionServerException> Failures { get; internal init; } = [];

    /// <summary>Whether a session token and a way to the ingress are ready there.</summary>
    public bool IsReady { get; internal init; }
}
