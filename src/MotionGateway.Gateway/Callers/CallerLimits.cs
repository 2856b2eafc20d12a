namespace MotionGateway.Gateway;

/// <summary>What one caller may take up of a gateway.</summary>
public sealed record CallerLimits
{
    /// <summary>Sessions that a caller may have open at one time, at least 1. Null, the default: as many as the gateway takes.</summary>
    public int? MaxSessions { get; init; }

    /// <summary>
    /// Sessions that a caller may open a second in the long run, twice as many at once; less than 1 is allowed. Null, the default: no bound.
    /// </summary>
    public double? OpensPerSecond { get; init; }

    /// <summary>These limits, and others where these say nothing.</summary>
    internal CallerLimits Or(CallerLimits others) => new()
    {
        MaxSessions = MaxSessions ?? others.MaxSessions,
        OpensPerSecond = OpensPerSecond ?? others.OpensPerSecond,
    };

    /// <summary>Finds everything that is wrong.</summary>
    /// <returns>A sentence for each, beginning with the setting's name.</returns>
    internal IEnumerable<string> Validate()
    {
        if (MaxSessions is < 1)
        {
            yield return $"{nameof(MaxSessions)} must be at least 1, or null.";
        }

        if (OpensPerSecond is not (null or (> 0 and <= 10_000)))
        {
            yield return $"{nameof(OpensPerSecond)} must be more than 0 and at most 10000, or null.";
        }
    }
}
