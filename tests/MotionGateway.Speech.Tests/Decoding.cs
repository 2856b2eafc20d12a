namespace MotionGateway.Speech.Tests;

/// <summary>Whole turns through a decoder.</summary>
internal static class Decoding
{
    public static byte[] Decode(SpeechFormat format, int rate, byte[] bytes, Random? cuts = null)
    {
        using var decoder = new SpeechDecoder(format, rate);
        return Decode(decoder, cuts is null ? [bytes] : Sounds.Cut(bytes, cuts));
    }

    public static byte[] Decode(SpeechDecoder decoder, IEnumerable<ReadOnlyMemory<byte>> chunks)
    {
        using var pcm = new MemoryStream();
        foreach (var chunk in chunks)
        {
            pcm.Write(decoder.Decode(chunk.Span));
        }

        pcm.Write(decoder.Complete());
        return pcm.ToArray();
    }

    /// <summary>Signal to difference, in dB.</summary>
    public static double Snr(ReadOnlySpan<short> expected, ReadOnlySpan<short> actual)
    {
        double signal = 0, difference = 0;
        for (int index = 0; index < Math.Min(expected.Length, actual.Length); index++)
        {
            signal += (double)expected[index] * expected[index];
            difference += Math.Pow(expected[index] - actual[index], 2);
        }

        return 10 * Math.Log10(signal / Math.Max(difference, 1e-9));
    }
}
