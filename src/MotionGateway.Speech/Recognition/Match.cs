namespace MotionGateway.Speech.Recognition;

/// <summary>Whether bytes begin something.</summary>
internal enum Match
{
    No,

    /// <summary>So far; more bytes decide.</summary>
    Perhaps,

    Yes,
}
