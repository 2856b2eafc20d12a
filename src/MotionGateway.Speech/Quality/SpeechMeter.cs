using System.Numerics;

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

    // Other forms read as 16-bit samples have about 0.5 of full scale and no likeness of neighbours; speech is below a third of either
    // bound on average, loud hisses included, which are never as loud.
    private const double NoiseLevel = 0.25 * FullScale;
    private const double NoiseLikeness = 0.35;

    private long _count;
    private long _clipped;
    private double _peak;
    private double _power;
    private double _likeness;
    private double _last;

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

    public void Add<T>(ReadOnlySpan<T> samples)
        where T : struct, INumber<T>
    {
        double peak = _peak, power = 0, likeness = 0, last = _last;
        int clipped = 0;
        foreach (var sample in samples)
        {
            double value = double.CreateTruncating(sample);
            double magnitude = Math.Abs(value);
            peak = Math.Max(peak, magnitude);
            clipped += magnitude >= FullScale ? 1 : 0;
            power += value * value;
            likeness += value * last;
            last = value;
        }

        (_peak, _last) = (peak, last);
        _power += power;
        _likeness += likeness;
        _clipped += clipped;
        _count += samples.Length;
    }
}
