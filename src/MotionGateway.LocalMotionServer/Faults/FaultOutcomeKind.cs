namespace MotionGateway.LocalMotion.Faults;

/// <summary>What a good client makes of a fault.</summary>
public enum FaultOutcomeKind
{
    /// <summary>A failure with a code, a phase and a retry class.</summary>
    Error = 0,

    /// <summary>The turn comes out whole, as if nothing had happened.</summary>
    Recovered = 1,

    /// <summary>The turn's motion is incomplete or has no end, without any failure to report: the client plays on with the audio alone.</summary>
    AudioOnly = 2,

    /// <summary>The turn ends as it should and is wrong all the same: nothing on this wire tells.</summary>
    Undetectable = 3,
}
