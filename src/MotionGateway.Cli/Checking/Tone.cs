using System.Runtime.InteropServices;

namespace MotionGateway.Cli.Checking;

/// <summary>A tone, as speech.</summary>
internal static class Tone
{
    /// <summary>Hertz of its samples.</summary>
    public const int SampleRate = 16_000;

    private const int Frequency = 220;
    private const double Loudness = 0.3;

    /// <summary>One second of it, in mono signed 16-bit little-endian samples.</summary>
    public static byte[] Create()
    {
        var samples = new short[SampleRate];
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = (short)(short.MaxValue * Loudness * Math.Sin(Math.Tau * Frequency * i / SampleRate));
        }

        return MemoryMarshal.AsBytes<short>(samples).ToArray();
    }
}
