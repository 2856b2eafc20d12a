using System.Runtime.Intrinsics;

namespace MotionGateway.LocalMotion.Motion;

/// <summary>
/// Measures windows of one keyframe (40 ms). The spectrum is sampled by Goertzel filters every 50 Hz, half the width of a Hann
/// window's main lobe at that length, so that no tone falls between two of them; and only below 3.8 kHz, so that every sample
/// rate sees the same.
/// </summary>
internal sealed class SpeechAnalyzer
{
    private const int BandStep = 50;
    private const int FirstBand = 150;
    private const int BandCount = 72;
    private const double QuietDecibels = -50;
    private const double LoudDecibels = -12;

    private readonly float[] _windowed;
    private readonly float[] _hann;
    private readonly float[] _powers = new float[BandCount];
    private readonly Vector256<float>[] _coefficients = new Vector256<float>[BandCount / Vector256<float>.Count];

    public SpeechAnalyzer(int sampleRate)
    {
        int length = MotionTimeline.SamplesPerKeyframe(sampleRate);
        _windowed = new float[length];
        _hann = new float[length];
        for (int i = 0; i < length; i++)
        {
            _hann[i] = (float)(0.5 - (0.5 * Math.Cos(2 * Math.PI * i / length)));
        }

        for (int band = 0; band < BandCount; band++)
        {
            float coefficient = (float)(2 * Math.Cos(2 * Math.PI * FrequencyOf(band) / sampleRate));
            ref Vector256<float> group = ref _coefficients[band / Vector256<float>.Count];
            group = group.WithElement(band % Vector256<float>.Count, coefficient);
        }
    }

    /// <summary>Measures exactly one keyframe's samples.</summary>
    public SpeechFeatures Measure(ReadOnlySpan<short> samples)
    {
        double energy = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            float sample = samples[i] / 32768f;
            energy += sample * sample;
            _windowed[i] = sample * _hann[i];
        }

        double decibels = 10 * Math.Log10((energy / samples.Length) + 1e-12);
        double loudness = Math.Clamp((decibels - QuietDecibels) / (LoudDecibels - QuietDecibels), 0, 1);
        return loudness == 0 ? SpeechFeatures.Silence : FromSpectrum((float)loudness);
    }

    private SpeechFeatures FromSpectrum(float loudness)
    {
        MeasurePowers();
        double voice = 0, open = 0, middle = 0, front = 0, hiss = 0;
        for (int band = 0; band < BandCount; band++)
        {
            float power = _powers[band];
            switch (FrequencyOf(band))
            {
                case < 500: voice += power; break;
                case < 1100: open += power; break;
                case < 1700: middle += power; break;
                case < 2800: front += power; break;
                default: hiss += power; break;
            }
        }

        double total = voice + open + middle + front + hiss + 1e-12;
        // Formants above the first are some 20 dB weaker, hence the square roots: they bring the shares into one range.
        double upper = Math.Sqrt((middle + front) / total);
        return new SpeechFeatures(
            loudness,
            Openness: (float)Math.Sqrt(open / (voice + open + 1e-12)),
            Rounding: (float)Math.Clamp(1 - (3 * upper) - Math.Sqrt(hiss / total), 0, 1),
            Spreading: (float)Math.Clamp(2 * Math.Sqrt(front / total), 0, 1),
            Hiss: (float)Math.Clamp(hiss / total, 0, 1));
    }

    /// <summary>Runs all filters, as many at a time as a vector holds; what a lane computes does not depend on the machine.</summary>
    private void MeasurePowers()
    {
        for (int group = 0; group < _coefficients.Length; group++)
        {
            Vector256<float> coefficient = _coefficients[group], previous = default, beforePrevious = default;
            foreach (float sample in _windowed)
            {
                Vector256<float> current = Vector256.Create(sample) + (coefficient * previous) - beforePrevious;
                beforePrevious = previous;
                previous = current;
            }

            Vector256<float> power = (previous * previous) + (beforePrevious * beforePrevious) - (coefficient * previous * beforePrevious);
            Vector256.Max(power, Vector256<float>.Zero).CopyTo(_powers, group * Vector256<float>.Count);
        }
    }

    private static int FrequencyOf(int band) => FirstBand + (band * BandStep);
}
