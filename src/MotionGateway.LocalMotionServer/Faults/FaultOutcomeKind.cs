namespace MotionGateway.LocalMotion.Faults;

/// <summary>What a good client makes of a fault.</summary>
public enum FaultOutcomeKind
{
    /// <summary>A failure with a code, a phase and a retry class.</summary>
    Error = 0,

    /// <summary>The turn comes out whole, as if nothing had happened.</summary>
    Completed = 1,

    /// <summary>The turn's motion is incomplete or has no end, and the server reports no failure: only a limit of the client's own ends the wait.</summary>
    AudioOnly = 2,

    /// <summary>The turn ends as it should and is wrong all the same: nothing on this wire tells.</summary>
    Undetectable = 3,
}
