using System.Runtime.InteropServices;
using MotionGateway.Testing;

namespace MotionGateway.OggOpus.Tests;

/// <summary>Test audio: tones, and the bundled clip at any rate.</summary>
internal static class Signal
{
    private const int ClipRate = 16000;
    private const int WavHeader = 44;

    private static readonly Lazy<short[]> Clip = new(() =>
        MemoryMarshal.Cast<byte, short>(File.ReadAllBytes(RepositoryRoot.PathTo("src/MotionGateway.Cli/Assets/welcome.wav")).AsSpan(WavHeader)).ToArray());

    /// <summary>A tone at half of full scale, whose pitch moves so that it agrees with itself at one delay only.</summary>
    public static short[] Tone(int rate, int samples)
    {
        var tone = new short[samples];
        for (int index = 0; index < samples; index++)
        {
            double seconds = (double)index / rate;
            tone[index] = (short)(16000 * Math.Sin(2 * Math.PI * ((300 * seconds) + (200 * seconds * seconds))));
        }

        return tone;
    }

    /// <summary>The bundled clip: averaged down, or interpolated up.</summary>
    public static short[] ClipAt(int rate)
    {
        var clip = Clip.Value;
        var result = new short[(int)((long)clip.Length * rate / ClipRate)];
        double step = (double)ClipRate / rate;
        for (int index = 0; index < result.Length; index++)
        {
            double from = index * step;
            int first = (int)from;
            if (step > 1)
            {
                int end = Math.Min(clip.Length, Math.Max(first + 1, (int)(from + step)));
                result[index] = (short)clip[first..end].Average(value => value);
            }
            else
            {
                double next = clip[Math.Min(first + 1, clip.Length - 1)];
                result[index] = (short)(clip[first] + ((next - clip[first]) * (from - first)));
            }
        }

        return result;
    }

    public static byte[] ToBytes(ReadOnlySpan<short> samples) => MemoryMarshal.AsBytes(samples).ToArray();

    public static short[] ToSamples(ReadOnlySpan<byte> bytes) => MemoryMarshal.Cast<byte, short>(bytes).ToArray();

    /// <summary>How alike two signals are: 1 for the same but for loudness, 0 for nothing in common.</summary>
    public static double Correlation(ReadOnlySpan<short> left, ReadOnlySpan<short> right)
    {
        Assert.Equal(left.Length, right.Length);
        double product = 0, leftPower = 0, rightPower = 0;
        for (int index = 0; index < left.Length; index++)
        {
            product += (double)left[index] * right[index];
            leftPower += (double)left[index] * left[index];
            rightPower += (double)right[index] * right[index];
        }

        return product / Math.Sqrt(leftPower * rightPower);
    }
}
