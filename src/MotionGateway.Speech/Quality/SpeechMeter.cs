using System.Numerics.Tensors;

namespace MotionGateway.Speech.Quality;

/// <summary>What samples tell about speech: how loud, how alike neighbours are, how many at full scale.</summary>
/// <param name="sampleRate">Hertz of the samples.</param>
internal sealed class SpeechMeter(int sampleRate)
{
    // -60 dB of full scale.
    private const double SilentPeak = 32.768;
    private const double FullScale = 32767;
    private const double ClippedShare = 0.001;
    private const int MinClipped = 4;

    // Sums of so many are exact enough in single precision.
    private const int BlockLength = 256;

    // Other forms read as 16-bit samples have about 0.5 of full scale and no likeness of neighbours; speech is below a third of either
    // bound on average, loud hisses included, which are never as loud.
    private const double NoiseLevel = 0.25 * FullScale;
    private const double NoiseLikeness = 0.35;

    private long _count;
    private long _clipped;
    private double _peak;
    private double _power;
    private double _likeness;
    private float _last;

    public SpeechWarnings Warnings
    {
        get
        {
            if (_count == 0)
            {
                return SpeechWarnings.None;
            }

            var warnings = _peak < SilentPeak ? SpeechWarnings.Silence : SpeechWarnings.None;
            if (_clipped >= MinClipped && _clipped >= ClippedShare * _count)
            {
                warnings |= SpeechWarnings.Clipping;
            }

            // A quarter of a second tells speech from noise.
            bool isNoise = _count >= sampleRate / 4 && _power > NoiseLevel * NoiseLevel * _count && Math.Abs(_likeness) < NoiseLikeness * _power;
            return isNoise ? warnings | SpeechWarnings.FullScaleNoise : warnings;
        }
    }

    public void Add(ReadOnlySpan<short> samples)
    {
        Span<float> values = stackalloc float[BlockLength];
        while (!samples.IsEmpty)
        {
            var block = samples[..Math.Min(BlockLength, samples.Length)];
            TensorPrimitives.ConvertTruncating(block, values);
            AddBlock(values[..block.Length]);
            samples = samples[block.Length..];
        }
    }

    public void Add(ReadOnlySpan<float> samples)
    {
        while (!samples.IsEmpty)
        {
            var block = samples[..Math.Min(BlockLength, samples.Length)];
            AddBlock(block);
            samples = samples[block.Length..];
        }
    }

    private void AddBlock(ReadOnlySpan<float> samples)
    {
        float peak = Math.Abs(TensorPrimitives.MaxMagnitude(samples));
        if (peak >= FullScale)
        {
            foreach (float sample in samples)
            {
                _clipped += Math.Abs(sample) >= FullScale ? 1 : 0;
            }
        }

        _peak = Math.Max(_peak, peak);
        _power += TensorPrimitives.SumOfSquares(samples);
        _likeness += (_last * samples[0]) + TensorPrimitives.Dot(samples[1..], samples[..^1]);
        _last = samples[^1];
        _count += samples.Length;
    }
}
