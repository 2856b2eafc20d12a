namespace MotionGateway.Cli.Checking;

/// <summary>What a check came to.</summary>
internal enum CheckOutcome
{
    /// <summary>All is well.</summary>
    Ok,

    /// <summary>It works, and will not for ever.</summary>
    Warning,

    /// <summary>Something is wrong.</summary>
    Failed,

    /// <summary>There was nothing to check, or what it builds on has failed.</summary>
    Skipped,
}
