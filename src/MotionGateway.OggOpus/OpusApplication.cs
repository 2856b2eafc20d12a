namespace MotionGateway.OggOpus;

/// <summary>What an Opus encoder is tuned for.</summary>
public enum OpusApplication
{
    /// <summary>Intelligible speech; the default.</summary>
    Voip,

    /// <summary>Faithful to the input, music included.</summary>
    Audio,

    /// <summary>Least delay of the codec itself (2.5 ms instead of 6.5), without the modes that are best for speech.</summary>
    RestrictedLowDelay,
}
