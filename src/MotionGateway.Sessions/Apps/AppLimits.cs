namespace MotionGateway.Sessions;

/// <summary>How much of a gateway one app may have, so that it leaves something to the others.</summary>
public sealed record AppLimits
{
    /// <summary>Sessions that are open at one time. Null, the default: as many as the gateway takes.</summary>
    public int? MaxSessions { get; init; }

    /// <summary>Sessions that are opened in a second, twice as many at once. Null, the default: no bound.</summary>
    public int? OpensPerSecond { get; init; }

    /// <summary>Bytes of the app's logs and of its media that waits, at which none of its sessions is opened any more. Null, the default: those of the gateway.</summary>
    public long? MaxTotalBytes { get; init; }

    /// <summary>Readers of all its sessions at one time, of those that subscribe at this gateway: a relay is one for each session. Null, the default: no bound.</summary>
    public int? MaxReaders { get; init; }

    /// <summary>Finds everything that is wrong.</summary>
    /// <returns>A sentence for each, beginning with the setting's name.</returns>
    public IEnumerable<string> Validate()
    {
        (bool Holds, string Problem)[] rules =
        [
            (MaxSessions is null or > 0, $"{nameof(MaxSessions)} must be at least 1, or null."),
            (OpensPerSecond is null or > 0, $"{nameof(OpensPerSecond)} must be at least 1, or null."),
            (MaxTotalBytes is null or >= ByteBudget.Least, $"{nameof(MaxTotalBytes)} must be at least {ByteBudget.Least}, or null."),
            (MaxReaders is null or > 0, $"{nameof(MaxReaders)} must be at least 1, or null."),
        ];
        return rules.Where(rule => !rule.Holds).Select(rule => rule.Problem);
    }
}
