using System.Buffers;
using System.Buffers.Binary;
using MotionGateway.OggOpus;

namespace MotionGateway.Gateway.Tests;

/// <summary>Something like speech: a buzzing tone in syllables.</summary>
internal static class Speech
{
    public static byte[] Create(int sampleRate, int samples, int seed = 1)
    {
        var pcm = new byte[samples * 2];
        for (int i = 0; i < samples; i++)
        {
            double seconds = (double)i / sampleRate;
            double syllable = Math.Max(0, Math.Sin(2 * Math.PI * 2.5 * seconds));
            double buzz = Math.Sin(2 * Math.PI * (100 + (20 * seed)) * seconds) + (0.5 * Math.Sin(2 * Math.PI * 700 * seconds));
            BinaryPrimitives.WriteInt16LittleEndian(pcm.AsSpan(i * 2), (short)(syllable * buzz * 8000));
        }

        return pcm;
    }

    /// <summary>PCM as one Ogg Opus stream.</summary>
    public static byte[] EncodeOpus(int sampleRate, byte[] pcm)
    {
        var stream = new ArrayBufferWriter<byte>();
        using var encoder = new OggOpusEncoder(new OggOpusEncoderOptions { SampleRate = sampleRate });
        encoder.Encode(pcm, stream);
        encoder.Finish(stream);
        return stream.WrittenSpan.ToArray();
    }
}
