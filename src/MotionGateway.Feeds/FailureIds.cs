namespace MotionGateway.Feeds;

/// <summary>Ids that help to find what a failure was about; each null where it is not known. Never a secret.</summary>
public sealed record FailureIds
{
    /// <summary>No id is known.</summary>
    public static FailureIds None { get; } = new();

    /// <summary>The session.</summary>
    public string? SessionId { get; init; }

    /// <summary>The turn.</summary>
    public string? TurnId { get; init; }

    /// <summary>The connection to the Motion Server.</summary>
    public string? ConnectionId { get; init; }

    /// <summary>These ids, and of others those that are not known here.</summary>
    /// <param name="others">The others.</param>
    public FailureIds Or(FailureIds others)
    {
        ArgumentNullException.ThrowIfNull(others);
        return new FailureIds
        {
            SessionId = SessionId ?? others.SessionId,
            TurnId = TurnId ?? others.TurnId,
            ConnectionId = ConnectionId ?? others.ConnectionId,
        };
    }
}
