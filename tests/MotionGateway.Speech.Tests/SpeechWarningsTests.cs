using System.Buffers.Binary;

namespace MotionGateway.Speech.Tests;

/// <summary>What is said about speech that was taken.</summary>
public sealed class SpeechWarningsTests
{
    private static readonly short[] Talk = Sounds.Babble(32000, 16000, new Random(3), 30_000);

    [Fact]
    public void Warnings_OfSpeech_AreNone() => Assert.Equal(SpeechWarnings.None, Of(Sounds.Bytes(Talk), SpeechEncoding.PcmS16Le));

    [Fact]
    public void Warnings_BeforeAnything_AreNone() => Assert.Equal(SpeechWarnings.None, Of([], SpeechEncoding.PcmS16Le));

    [Fact]
    public void Warnings_OfOtherFormsTakenForPcm_AreNoise()
    {
        var floats = Sounds.Encode(SpeechEncoding.PcmF32Le, [.. Talk.Select(value => value / 32768.0)]);
        var reversed = new byte[2 * Talk.Length];
        for (int index = 0; index < Talk.Length; index++)
        {
            BinaryPrimitives.WriteInt16BigEndian(reversed.AsSpan(2 * index), Talk[index]);
        }

        var compressed = new byte[20_000];
        new Random(1).NextBytes(compressed);
        Assert.All([floats, reversed, compressed], bytes => Assert.True(Of(bytes, SpeechEncoding.PcmS16Le).HasFlag(SpeechWarnings.FullScaleNoise)));
    }

    [Fact]
    public void Warnings_OfNoiseAtALowRate_AreTheSameOnAHighTimeline()
    {
        var noise = new byte[20_000];
        new Random(1).NextBytes(noise);
        using var decoder = new SpeechDecoder(new(SpeechEncoding.PcmS16Le, 8000, 1), 48000);
        decoder.Decode(noise);
        Assert.True(decoder.Warnings.HasFlag(SpeechWarnings.FullScaleNoise));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(32, true)]
    [InlineData(33, false)]
    public void Warnings_OfSilence_SaySoUntilSomethingIsHeard(short peak, bool isSilence)
    {
        var pcm = new short[1000];
        pcm[999] = peak;
        Assert.Equal(isSilence, Of(Sounds.Bytes(pcm), SpeechEncoding.PcmS16Le) == SpeechWarnings.Silence);
    }

    [Fact]
    public void Warnings_OfClippedSpeech_SaySo()
    {
        short[] clipped = [.. Talk.Select(value => (short)Math.Clamp(value * 4, short.MinValue, short.MaxValue))];
        Assert.Equal(SpeechWarnings.Clipping, Of(Sounds.Bytes(clipped), SpeechEncoding.PcmS16Le));
        Assert.Equal(SpeechWarnings.Clipping, Of(Sounds.Encode(SpeechEncoding.PcmF32Le, [.. Talk.Select(value => value / 8192.0)]), SpeechEncoding.PcmF32Le));
    }

    private static SpeechWarnings Of(byte[] bytes, SpeechEncoding encoding)
    {
        using var decoder = new SpeechDecoder(new(encoding, 16000, 1), 16000);
        decoder.Decode(bytes);
        return decoder.Warnings;
    }
}
