namespace MotionGateway.Speech;

/// <summary>How the bytes of speech hold samples.</summary>
public enum SpeechEncoding
{
    /// <summary>Signed 16-bit little-endian PCM.</summary>
    PcmS16Le,

    /// <summary>32-bit little-endian floating point, full scale at 1.</summary>
    PcmF32Le,

    /// <summary>G.711 μ-law, a byte a sample.</summary>
    MuLaw,

    /// <summary>G.711 A-law, a byte a sample.</summary>
    ALaw,

    /// <summary>WAV, whose header tells rate, channels and one of: PCM of 8, 16, 24 or 32 bits, float of 32 or 64, μ-law, A-law.</summary>
    Wav,

    /// <summary>One Ogg Opus stream.</summary>
    OggOpus,
}
