using System.Buffers.Binary;

namespace MotionGateway.Gateway;

/// <summary>A tone to try a session with.</summary>
internal static class TestTone
{
    private const double Amplitude = 0.3;

    /// <summary>Makes a sine whose loudness swells three times a second, so that lips have something to follow.</summary>
    /// <param name="sampleRate">Hertz.</param>
    /// <param name="duration">How long.</param>
    /// <param name="frequency">Hertz.</param>
    /// <returns>Signed 16-bit little-endian samples.</returns>
    public static byte[] Create(int sampleRate, TimeSpan duration, int frequency)
    {
        int count = (int)(duration.TotalSeconds * sampleRate);
        var pcm = new byte[count * sizeof(short)];
        for (int i = 0; i < count; i++)
        {
            double seconds = (double)i / sampleRate;
            double swell = 0.5 - (0.5 * Math.Cos(2 * Math.PI * 3 * seconds));
            double value = Amplitude * swell * Math.Sin(2 * Math.PI * frequency * seconds);
            BinaryPrimitives.WriteInt16LittleEndian(pcm.AsSpan(i * sizeof(short)), (short)(value * short.MaxValue));
        }

        return pcm;
    }
}
