using System.Runtime.InteropServices;

namespace MotionGateway.LocalMotion.Tests;

/// <summary>Sounds made up for tests, as little-endian PCM.</summary>
internal static class Speech
{
    public static byte[] Silence(int samples) => new byte[samples * sizeof(short)];

    /// <summary>A sum of sines, as a vowel is one: pairs of frequency in hertz and amplitude within 0 and 1.</summary>
    public static byte[] Tones(int samples, int sampleRate, params (double Hertz, double Amplitude)[] tones)
    {
        var pcm = new short[samples];
        for (int i = 0; i < samples; i++)
        {
            double value = tones.Sum(tone => tone.Amplitude * Math.Sin(2 * Math.PI * tone.Hertz * i / sampleRate));
            pcm[i] = (short)(32767 * Math.Clamp(value, -1, 1));
        }

        return MemoryMarshal.AsBytes(pcm.AsSpan()).ToArray();
    }

    /// <summary>A loud open vowel, roughly /a/.</summary>
    public static byte[] OpenVowel(int samples, int sampleRate) => Tones(samples, sampleRate, (200, 0.2), (800, 0.4), (1200, 0.1));

    /// <summary>Seconds of something like talk at 16 kHz: four syllables a second in sentences with pauses between, vowels and hisses by turns.</summary>
    public static byte[] Sentences(int seconds)
    {
        const int Rate = 16000;
        var random = new Random(11);
        var pcm = new short[seconds * Rate];
        for (int i = 0; i < pcm.Length; i++)
        {
            double time = (double)i / Rate;
            double syllable = Math.Pow(Math.Sin(Math.PI * 4 * time), 2);
            double loudness = time % 3.5 < 2.8 ? 0.3 * syllable : 0;
            double formant = 500 + (300 * Math.Sin(time * 5));
            double voice = Math.Sin(2 * Math.PI * 140 * time) + (0.7 * Math.Sin(2 * Math.PI * formant * time)) + (0.1 * Math.Sin(2 * Math.PI * 1800 * time));
            double hiss = (int)(4 * time) % 5 == 0 ? random.NextDouble() - 0.5 : 0;
            pcm[i] = (short)(32767 * loudness * ((0.5 * voice) + hiss));
        }

        return MemoryMarshal.AsBytes(pcm.AsSpan()).ToArray();
    }

    /// <summary>Something that changes all the time, the same for every call.</summary>
    public static byte[] Babble(int samples, int sampleRate)
    {
        var random = new Random(7);
        var pcm = new short[samples];
        for (int i = 0; i < samples; i++)
        {
            double loudness = 0.5 + (0.5 * Math.Sin(2 * Math.PI * 3 * i / sampleRate));
            pcm[i] = (short)(loudness * ((9000 * Math.Sin(2 * Math.PI * 300 * i / sampleRate)) + random.Next(-4000, 4000)));
        }

        return MemoryMarshal.AsBytes(pcm.AsSpan()).ToArray();
    }

    /// <summary>Cuts into pieces of odd and changing sizes.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> CutAnywhere(byte[] audio, int seed)
    {
        var random = new Random(seed);
        for (int offset = 0; offset < audio.Length;)
        {
            int length = Math.Min(audio.Length - offset, random.Next(1, 7001));
            yield return audio.AsMemory(offset, length);
            offset += length;
        }
    }
}
