using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MotionGateway.Speech.Tests;

/// <summary>Sounds made up for tests, and the bytes of them in each form.</summary>
internal static class Sounds
{
    /// <summary>
    /// Voiced sounds at -12 dB that fade in and out, all of it below 0.4 of the lower rate: what any good conversion of rates keeps.
    /// </summary>
    public static double[] Voice(int frames, int rate, int lowerRate, int seed = 1)
    {
        var random = new Random(seed);
        var partials = Enumerable.Range(1, 24).Select(index => (Hertz: (0.4 * lowerRate * index / 24) - (random.NextDouble() * 50), Phase: random.NextDouble() * 6)).ToArray();
        var voice = new double[frames];
        for (int index = 0; index < frames; index++)
        {
            double sum = partials.Sum(partial => Math.Sin((2 * Math.PI * partial.Hertz * index / rate) + partial.Phase));
            voice[index] = sum / 24 * Math.Sin(Math.PI * index / frames);
        }

        return voice;
    }

    /// <summary>Something like talk: syllables with pauses, hisses by turns; as loud as is said.</summary>
    public static short[] Babble(int samples, int rate, Random random, double loudness = 12000)
    {
        var pcm = new short[samples];
        double pitch = 80 + (200 * random.NextDouble());
        for (int index = 0; index < samples; index++)
        {
            double time = (double)index / rate;
            double syllable = Math.Max(0, Math.Sin(2 * Math.PI * 3 * time));
            double voice = Math.Sin(2 * Math.PI * pitch * time) + (0.5 * Math.Sin(2 * Math.PI * 7 * pitch * time));
            double hiss = (int)(3 * time) % 4 == 3 ? random.NextDouble() - 0.5 : 0.02 * (random.NextDouble() - 0.5);
            pcm[index] = (short)(loudness * syllable * ((0.6 * voice) + hiss));
        }

        return pcm;
    }

    public static byte[] Bytes(ReadOnlySpan<short> samples) => MemoryMarshal.AsBytes(samples).ToArray();

    public static short[] Samples(ReadOnlySpan<byte> bytes) => MemoryMarshal.Cast<byte, short>(bytes).ToArray();

    /// <summary>Interleaves as many channels as there are signals.</summary>
    public static double[] Interleave(params double[][] channels) =>
        [.. Enumerable.Range(0, channels[0].Length).SelectMany(frame => channels.Select(channel => channel[frame]))];

    public static byte[] Encode(SpeechEncoding encoding, ReadOnlySpan<double> samples)
    {
        using var bytes = new MemoryStream();
        Span<byte> word = stackalloc byte[4];
        foreach (double sample in samples)
        {
            short value = (short)Math.Clamp(Math.Round(sample * 32768), short.MinValue, short.MaxValue);
            switch (encoding)
            {
                case SpeechEncoding.PcmF32Le:
                    BinaryPrimitives.WriteSingleLittleEndian(word, (float)sample);
                    bytes.Write(word);
                    break;
                case SpeechEncoding.MuLaw:
                    bytes.WriteByte(MuLaw(value));
                    break;
                case SpeechEncoding.ALaw:
                    bytes.WriteByte(ALaw(value));
                    break;
                default:
                    BinaryPrimitives.WriteInt16LittleEndian(word, value);
                    bytes.Write(word[..2]);
                    break;
            }
        }

        return bytes.ToArray();
    }

    /// <summary>Cuts at random: often of a byte or a few, and longer ones.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Cut(byte[] bytes, Random random)
    {
        for (int offset = 0; offset < bytes.Length;)
        {
            int most = random.Next(4) switch { 0 => 2, 1 => 8, 2 => 400, _ => 5000 };
            int length = Math.Min(bytes.Length - offset, random.Next(1, most));
            yield return bytes.AsMemory(offset, length);
            offset += length;
        }
    }

    // As the recommendation's tables have it: a segment is where the highest set bit is.
    private static byte MuLaw(short value)
    {
        int magnitude = Math.Min(Math.Abs((int)value), 32635) + 132;
        int segment = 31 - int.LeadingZeroCount(magnitude) - 7;
        int code = (segment << 4) | ((magnitude >> (segment + 3)) & 0xF) | (value < 0 ? 0x80 : 0);
        return (byte)~code;
    }

    private static byte ALaw(short value)
    {
        int magnitude = Math.Min(value < 0 ? -value - 1 : value, 32767);
        int segment = magnitude < 256 ? 0 : 31 - int.LeadingZeroCount(magnitude) - 7;
        int code = (segment << 4) | ((magnitude >> (segment == 0 ? 4 : segment + 3)) & 0xF) | (value < 0 ? 0 : 0x80);
        return (byte)(code ^ 0x55);
    }
}
