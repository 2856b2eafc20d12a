using System.Buffers.Binary;

namespace MotionGateway.Chaos.Tests.Speaking;

/// <summary>Something that no other turn says: noise in syllables, with pauses between.</summary>
internal static class SpeechSound
{
    public static byte[] Create(Random random, int sampleRate, int samples)
    {
        byte[] pcm = new byte[samples * sizeof(short)];
        int syllable = sampleRate / 5;
        for (int from = 0; from < samples; from += syllable)
        {
            int loudness = random.Next(4) == 0 ? 0 : random.Next(500, 20_000);
            for (int i = from; i < Math.Min(samples, from + syllable); i++)
            {
                short sample = loudness == 0 ? (short)0 : (short)random.Next(-loudness, loudness);
                BinaryPrimitives.WriteInt16LittleEndian(pcm.AsSpan(i * sizeof(short)), sample);
            }
        }

        return pcm;
    }
}
