namespace MotionGateway.LocalMotion.Motion;

/// <summary>What one keyframe's worth of speech sounds like. Every value is within 0 and 1.</summary>
/// <param name="Loudness">0 at and below -50 dBFS, 1 at and above -12 dBFS.</param>
/// <param name="Openness">The share of the band where open vowels have their first formant.</param>
/// <param name="Rounding">High for vowels without energy around the second formant, such as /u/ and /o/.</param>
/// <param name="Spreading">High for vowels with a high second formant, such as /i/ and /e/.</param>
/// <param name="Hiss">The share of what lies above the vowels: fricatives.</param>
internal readonly record struct SpeechFeatures(float Loudness, float Openness, float Rounding, float Spreading, float Hiss)
{
    public static SpeechFeatures Silence => default;
}
