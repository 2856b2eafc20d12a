namespace MotionGateway.Cli.Loading;

/// <summary>What load is put on a deployment.</summary>
internal sealed record LoadPlan
{
    /// <summary>The gateway's address.</summary>
    public required Uri Gateway { get; init; }

    /// <summary>The relay at which viewers join; null: they read from the gateway.</summary>
    public required Uri? Relay { get; init; }

    /// <summary>The avatar of all sessions.</summary>
    public required string AvatarId { get; init; }

    /// <summary>Sessions at one time.</summary>
    public required int Sessions { get; init; }

    /// <summary>Viewers of each.</summary>
    public required int ViewersPerSession { get; init; }

    /// <summary>How long they speak, the ramp included.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Over which time the sessions are opened, evenly.</summary>
    public required TimeSpan Ramp { get; init; }
}
