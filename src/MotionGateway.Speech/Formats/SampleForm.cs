namespace MotionGateway.Speech.Formats;

/// <summary>How one sample of one channel is stored; all little-endian.</summary>
internal enum SampleForm
{
    Unsigned8,
    Signed16,
    Signed24,
    Signed32,
    Float32,
    Float64,
    MuLaw,
    ALaw,
}
