using System.Runtime.InteropServices;

namespace MotionGateway.Cli.Tests.Demo;

/// <summary>What a microphone hears, as mono signed 16-bit little-endian samples.</summary>
internal static class Voices
{
    public const int SampleRate = 16000;

    /// <summary>A tone, about as loud as a voice.</summary>
    public static byte[] Voice(double seconds, int amplitude = 8000) => Samples(seconds, i => amplitude * Math.Sin(i * 0.09));

    /// <summary>A room in which nobody speaks: even noise.</summary>
    public static byte[] Room(double seconds, int amplitude)
    {
        var random = new Random(7);
        return Samples(seconds, _ => random.Next(-amplitude, amplitude + 1));
    }

    /// <summary>Nothing at all.</summary>
    public static byte[] Silence(double seconds) => Samples(seconds, _ => 0);

    /// <summary>In pieces of 40 ms, as a page sends them.</summary>
    public static IEnumerable<byte[]> Pieces(byte[] samples) => samples.Chunk(SampleRate / 25 * sizeof(short));

    private static byte[] Samples(double seconds, Func<int, double> at)
    {
        short[] samples = [.. Enumerable.Range(0, (int)(seconds * SampleRate)).Select(i => (short)at(i))];
        return MemoryMarshal.AsBytes(samples.AsSpan()).ToArray();
    }
}
