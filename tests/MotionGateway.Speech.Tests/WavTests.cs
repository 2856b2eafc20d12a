using System.Buffers.Binary;
using MotionGateway.Testing;

namespace MotionGateway.Speech.Tests;

/// <summary>WAV: which headers are taken, and what surrounds the samples.</summary>
public sealed class WavTests
{
    private static readonly SpeechFormat Wav = new(SpeechEncoding.Wav, 0, 0);
    private static readonly short[] Talk = Sounds.Babble(3001, 16000, new Random(6));

    [RequiresToolTheory("sox", Tools.SoxRemedy)]
    [InlineData("unsigned-integer", 8)]
    [InlineData("signed-integer", 16)]
    [InlineData("signed-integer", 24)]
    [InlineData("signed-integer", 32)]
    [InlineData("floating-point", 32)]
    [InlineData("floating-point", 64)]
    [InlineData("mu-law", 8)]
    [InlineData("a-law", 8)]
    public async Task Decode_AFormThatSoxWrites_IsWhatSoxReads(string form, int bits)
    {
        string[] raw = ["-t", "raw", "-e", "signed-integer", "-b", "16", "-r", "16000", "-c", "1"];
        var file = await Tools.SoxAsync(Sounds.Bytes(Talk), raw, ["-t", "wav", "-e", form, "-b", Tools.Text(bits)]);
        var expected = Sounds.Samples(await Tools.SoxAsync(file, ["-t", "wav"], raw));
        foreach (int seed in (int[])[1, 2, 3])
        {
            var pcm = Sounds.Samples(Decoding.Decode(Wav, 16000, file, new Random(seed)));
            Assert.Equal(Talk.Length, pcm.Length);
            Assert.All(pcm.Zip(expected), pair => Assert.InRange(pair.First - pair.Second, -1, 1));
        }
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(0xFFFFFFFFu)]
    [InlineData(0x7FFFFFD0u)]
    public void Decode_AStreamWithoutALength_GoesOnToTheEnd(uint dataSize) =>
        AssertTalk(Decoding.Decode(Wav, 16000, [.. Header(16000, 1, dataSize), .. Sounds.Bytes(Talk)], new Random(2)));

    [Fact]
    public void Decode_ChunksAroundTheData_AreSkipped()
    {
        byte[] list = Chunk("LIST", "INFOISFT\u0005\0\0\0Lavf5"u8.ToArray());
        byte[] file = [.. Riff, .. list, .. Format(16000, 1), .. Chunk("fact", new byte[4]), .. Chunk("data", Sounds.Bytes(Talk)), .. list, .. Chunk("id3 ", new byte[30])];
        using var decoder = new SpeechDecoder(Wav, 16000);
        AssertTalk(Decoding.Decode(decoder, Sounds.Cut(file, new Random(3))));
        Assert.Equal(0, decoder.DroppedBytes);
        Assert.Equal(file.Length, decoder.InputBytes);
    }

    [Fact]
    public void Decode_DataOfAnOddLength_IsFollowedByAByteThatIsNone()
    {
        byte[] format = Format(16000, 1);
        (format[20], format[22]) = (1, 8);
        byte[] list = Chunk("LIST", new byte[4]);
        byte[] file = [.. Riff, .. format, .. Chunk("data", [128, 129, 127]), .. list];
        using var decoder = new SpeechDecoder(Wav, 16000);
        Assert.Equal([0, 256, -256, 0, 256, -256], Sounds.Samples(Decoding.Decode(decoder, [(byte[])[.. file, .. file]])));
        Assert.Equal(0, decoder.DroppedBytes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Decode_AFileThatEndsWithinASample_DropsItsBytes(bool isCut)
    {
        byte[] file = [.. Riff, .. Format(16000, 1), .. Chunk("data", [1, 0, 2, 0, 3])];
        byte[] broken = [.. Header(16000, 1, uint.MaxValue), 1, 0, 2, 0, 3];
        ReadOnlyMemory<byte>[] chunks = isCut ? [broken, file] : [(byte[])[.. file, .. file]];
        using var decoder = new SpeechDecoder(Wav, 16000);
        Assert.Equal([1, 2, 1, 2], Sounds.Samples(Decoding.Decode(decoder, chunks)));
        Assert.Equal(2, decoder.DroppedBytes);
    }

    [Fact]
    public void Decode_WhatIsNoChunkBehindTheData_IsDropped()
    {
        byte[] file = [.. Header(16000, 1, 4), 1, 0, 2, 0, .. new byte[30]];
        using var decoder = new SpeechDecoder(Wav, 16000);
        Assert.Equal([1, 2], Sounds.Samples(Decoding.Decode(decoder, Sounds.Cut(file, new Random(1)))));
        Assert.Equal(30, decoder.DroppedBytes);
    }

    [Fact]
    public void Decode_WithinItsHeader_HoldsAndGivesNothing()
    {
        using var decoder = new SpeechDecoder(Wav, 16000);
        Assert.True(decoder.Decode(Header(16000, 1, 0).AsSpan(0, 41)).IsEmpty);
        Assert.Equal(5, decoder.HeldBytes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Decode_AHeaderBeforeEveryChunk_IsLeftOut(bool tellsLength)
    {
        var pcm = Sounds.Bytes(Talk);
        List<ReadOnlyMemory<byte>> chunks = [];
        for (int start = 0; start < pcm.Length; start += 700)
        {
            var part = pcm[start..Math.Min(pcm.Length, start + 700)];
            chunks.Add((byte[])[.. Header(16000, 1, tellsLength ? (uint)part.Length : uint.MaxValue), .. part]);
        }

        using (var decoder = new SpeechDecoder(Wav, 16000))
        {
            AssertTalk(Decoding.Decode(decoder, chunks));
            Assert.Equal(0, decoder.DroppedBytes);
        }

        // Where lengths are told, the files need not begin with chunks.
        if (tellsLength)
        {
            AssertTalk(Decoding.Decode(Wav, 16000, [.. chunks.SelectMany(chunk => chunk.ToArray())], new Random(8)));
        }
    }

    [Fact]
    public void Decode_TheExtensibleFormat_IsTaken()
    {
        byte[] format = [.. Format(16000, 1)[8..], 22, 0, 16, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 16, 0, 128, 0, 0, 170, 0, 56, 155, 113];
        format[0] = 0xFE;
        format[1] = 0xFF;
        AssertTalk(Decoding.Decode(Wav, 16000, [.. Riff, .. Chunk("fmt ", format), .. Chunk("data", Sounds.Bytes(Talk))], new Random(4)));
    }

    [Theory]
    [InlineData(24000, 0, "sample_rate says 24000", "16000 Hz")]
    [InlineData(0, 2, "channels says 2", "1 channels")]
    public void Decode_AHeaderThatContradicts_NamesTheField(int rate, int channels, string said, string found)
    {
        using var decoder = new SpeechDecoder(new(SpeechEncoding.Wav, rate, channels), 16000);
        var refusal = Assert.Throws<SpeechFormatException>(() => decoder.Decode(Header(16000, 1, 0)).Length);
        Assert.Equal(SpeechFault.Mismatch, refusal.Fault);
        Assert.Contains(said, refusal.Found, StringComparison.Ordinal);
        Assert.Contains(found, refusal.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_AHeaderThatAgrees_IsTaken() =>
        AssertTalk(Decoding.Decode(new(SpeechEncoding.Wav, 16000, 1), 16000, [.. Header(16000, 1, 0), .. Sounds.Bytes(Talk)]));

    [Fact]
    public void Decode_ASecondHeaderOfAnotherForm_IsRefused()
    {
        using var decoder = new SpeechDecoder(Wav, 16000);
        decoder.Decode([.. Header(16000, 1, 4), 1, 0, 2, 0]);
        Assert.Equal(SpeechFault.Mismatch, Assert.Throws<SpeechFormatException>(() => decoder.Decode(Header(24000, 1, 4)).Length).Fault);
    }

    [Theory]
    [InlineData(2, 16, 16000, 1, SpeechFault.Unsupported)]
    [InlineData(1, 12, 16000, 1, SpeechFault.Unsupported)]
    [InlineData(1, 16, 16000, 6, SpeechFault.Unsupported)]
    [InlineData(1, 16, 96000, 1, SpeechFault.Unsupported)]
    [InlineData(1, 16, 16000, 0, SpeechFault.Unsupported)]
    [InlineData(1, 24, 16000, 1, SpeechFault.Malformed)]
    public void Decode_AFormThatIsNotTaken_IsRefused(int tag, int bits, int rate, int channels, SpeechFault fault)
    {
        var header = Header(rate, channels, 0);
        header[20] = (byte)tag;
        header[34] = (byte)bits;
        using var decoder = new SpeechDecoder(Wav, 16000);
        Assert.Equal(fault, Assert.Throws<SpeechFormatException>(() => decoder.Decode(header).Length).Fault);
    }

    [Fact]
    public void Complete_WithoutData_IsRefused()
    {
        foreach (int length in (int[])[12, 20, 36, 40])
        {
            using var decoder = new SpeechDecoder(Wav, 16000);
            decoder.Decode(Header(16000, 1, 0).AsSpan(0, length));
            Assert.Equal("a WAV header without its data", Assert.Throws<SpeechFormatException>(() => decoder.Complete().Length).Found);
        }

        using var empty = new SpeechDecoder(Wav, 16000);
        Assert.True(empty.Complete().IsEmpty);
        using var noSamples = new SpeechDecoder(Wav, 16000);
        noSamples.Decode(Header(16000, 1, 0));
        Assert.True(noSamples.Complete().IsEmpty);
    }

    [Fact]
    public void Decode_BareSamples_NamesTheRemedy()
    {
        using var decoder = new SpeechDecoder(Wav, 16000);
        Assert.Equal("no WAV header", Assert.Throws<SpeechFormatException>(() => decoder.Decode(Sounds.Bytes(Talk)).Length).Found);
    }

    [Fact]
    public void Decode_AnyBytesInAHeader_AreTakenOrRefused()
    {
        int seed = TestSeed.GivenOrChance();
        byte[] file = [.. Header(16000, 1, 200), .. Sounds.Bytes(Talk.AsSpan(0, 100)), .. Chunk("LIST", new byte[9])];
        for (int run = 0; run < 20_000; run++)
        {
            var random = TestSeed.Of(seed, run);
            var broken = file.ToArray();
            for (int change = 0; change < 1 + random.Next(4); change++)
            {
                broken[random.Next(broken.Length)] = (byte)random.Next(256);
            }

            try
            {
                Decoding.Decode(Wav, 16000, broken, random);
            }
            catch (SpeechFormatException)
            {
                // Refused is fine; anything else thrown fails the test.
            }
        }
    }

    private static byte[] Riff => [.. "RIFF"u8, 0xFF, 0xFF, 0xFF, 0xFF, .. "WAVE"u8];

    private static byte[] Header(int rate, int channels, uint dataSize)
    {
        byte[] header = [.. Riff, .. Format(rate, channels), .. Chunk("data", [])];
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(40), dataSize);
        return header;
    }

    private static byte[] Format(int rate, int channels)
    {
        var format = new byte[16];
        format[0] = 1;
        format[2] = (byte)channels;
        BinaryPrimitives.WriteInt32LittleEndian(format.AsSpan(4), rate);
        BinaryPrimitives.WriteInt32LittleEndian(format.AsSpan(8), rate * channels * 2);
        format[12] = (byte)(2 * channels);
        format[14] = 16;
        return Chunk("fmt ", format);
    }

    private static byte[] Chunk(string name, byte[] body)
    {
        var size = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(size, body.Length);
        return [.. System.Text.Encoding.ASCII.GetBytes(name), .. size, .. body, .. new byte[body.Length % 2]];
    }

    private static void AssertTalk(byte[] pcm) => Assert.True(pcm.AsSpan().SequenceEqual(Sounds.Bytes(Talk)));
}
