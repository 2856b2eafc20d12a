namespace MotionGateway.Speech;

/// <summary>What is odd about speech that was taken.</summary>
[Flags]
public enum SpeechWarnings
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Loud noise without any likeness of neighbouring samples, as another sample form sounds when it is taken for this one.</summary>
    FullScaleNoise = 1,

    /// <summary>Nothing louder than -60 dB of full scale.</summary>
    Silence = 2,

    /// <summary>At least one sample of a thousand is at full scale.</summary>
    Clipping = 4,
}
