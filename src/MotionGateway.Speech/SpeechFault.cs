namespace MotionGateway.Speech;

/// <summary>Why bytes are not taken as speech.</summary>
public enum SpeechFault
{
    /// <summary>The bytes are something else than their encoding says.</summary>
    WrongEncoding,

    /// <summary>A header contradicts the rate or the channels that were declared, or what came before in the turn.</summary>
    Mismatch,

    /// <summary>The bytes are of the declared encoding, in a variant that is not taken.</summary>
    Unsupported,

    /// <summary>The bytes are of the declared encoding, and broken.</summary>
    Malformed,
}
