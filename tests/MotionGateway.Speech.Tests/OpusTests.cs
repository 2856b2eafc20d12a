using System.Buffers;
using MotionGateway.OggOpus.Codec;
using MotionGateway.Testing;
using static MotionGateway.Speech.Tests.OpusStreams;

namespace MotionGateway.Speech.Tests;

/// <summary>Opus in, through and out.</summary>
[Trait("Category", "Interop")]
public sealed class OpusTests
{
    // The codec for voices filters what is below them. One that were late by half a millisecond would have no likeness left.
    private const double MinLikeness = 0.8;

    private static readonly SpeechFormat Opus = new(SpeechEncoding.OggOpus, 0, 0);
    private static readonly short[] Talk = Sounds.Babble(48000 * 2 + 321, 48000, new Random(2), 20_000);

    [RequiresToolTheory("opusenc", Tools.OpusRemedy)]
    [InlineData(1, "20")]
    [InlineData(1, "60")]
    [InlineData(1, "2.5")]
    [InlineData(2, "20")]
    public async Task Decode_AStreamOfOpusenc_IsWhatOpusdecReads(int channels, string frame)
    {
        short[] input = channels == 1 ? Talk : [.. Talk.SelectMany(sample => new[] { sample, sample })];
        var ogg = await Tools.OpusencAsync(Sounds.Bytes(input), channels, "--framesize", frame, "--bitrate", "48");
        var decoded = await Tools.OpusdecAsync(ogg);
        short[] expected = channels == 1 ? decoded : [.. decoded.Where((_, index) => index % 2 == 0)];
        var whole = Decoding.Decode(Opus, 48000, ogg);
        Assert.Equal(whole, Decoding.Decode(Opus, 48000, ogg, new Random(4)));
        Assert.Equal(Talk.Length, whole.Length / 2);
        Assert.Equal(Talk.Length, expected.Length);
        Assert.True(Decoding.Snr(expected, Sounds.Samples(whole)) > 40);
        Assert.Equal((int)Math.Round(Talk.Length * 22050 / 48000.0, MidpointRounding.AwayFromZero), Decoding.Decode(Opus, 22050, ogg, new Random(5)).Length / 2);
    }

    [RequiresToolTheory("opusenc", Tools.OpusRemedy)]
    [InlineData("20", 24)]
    [InlineData("60", 16)]
    [InlineData("10", 256)]
    public async Task TryTakePacket_AStreamPassedThrough_IsTheSamePacketsInNewPages(string frame, int kilobits)
    {
        var ogg = await Tools.OpusencAsync(Sounds.Bytes(Talk), 1, "--framesize", frame, "--bitrate", Tools.Text(kilobits), "--max-delay", "1000");
        using var decoder = new SpeechDecoder(Opus, 48000, keepsPackets: true);
        List<SpeechPacket> packets = [];
        foreach (var chunk in Sounds.Cut(ogg, new Random(6)))
        {
            decoder.Decode(chunk.Span);
            Take(decoder, packets);
        }

        decoder.Complete();
        Assert.True(decoder.Stream!.CanPassThrough);
        AssertTouch(packets, Talk.Length);
        Assert.Equal(Read(ogg), packets.Select(packet => Convert.ToHexString(packet.Data.Span)));

        var pages = new OpusPages(decoder.Stream, 77);
        var remade = Write(pages, packets, perWrite: 7);
        Assert.Equal(Read(ogg), Read(remade));
        AssertPagesAreShort(remade);
        Assert.Equal(await Tools.OpusdecAsync(ogg), await Tools.OpusdecAsync(remade));
        Assert.Equal(Decoding.Decode(Opus, 48000, ogg), Decoding.Decode(Opus, 48000, remade));
    }

    [RequiresToolFact("opusenc", Tools.OpusRemedy)]
    public async Task Stream_OfTwoChannelsOrWithGain_IsDecodedAndNotPassedOn()
    {
        short[] stereo = [.. Talk.SelectMany(sample => new[] { sample, (short)-sample })];
        var two = await Tools.OpusencAsync(Sounds.Bytes(stereo), 2);
        var loud = await Tools.OpusencAsync(Sounds.Bytes(Talk), 1);
        loud[27 + 1 + 17] = 1;
        Seal(loud);
        foreach (var ogg in (byte[][])[two, loud])
        {
            using var decoder = new SpeechDecoder(Opus, 48000, keepsPackets: true);
            Assert.Equal(2 * Talk.Length, Decoding.Decode(decoder, [ogg]).Length);
            Assert.False(decoder.Stream!.CanPassThrough);
            Assert.False(decoder.TryTakePacket(out _));
        }
    }

    [RequiresToolTheory("opusdec", Tools.OpusRemedy)]
    [InlineData(1)]
    [InlineData(647)]
    [InlineData(648)]
    [InlineData(649)]
    [InlineData(960)]
    [InlineData(96321)]
    public async Task Encode_AnyLength_IsThatLongAndSoundsTheSame(int samples)
    {
        using var encoder = new SpeechEncoder(new() { Bitrate = 64_000 });
        var packets = Encode(encoder, Talk.AsSpan(0, samples), new Random(7));
        AssertTouch(packets, samples);
        var ogg = Write(new OpusPages(encoder.Stream, 5), packets, perWrite: 3);
        AssertPagesAreShort(ogg);
        Assert.Equal(samples, Decoding.Decode(Opus, 48000, ogg).Length / 2);
        if (samples >= 960)
        {
            Assert.Equal(samples, (await Tools.OpusdecAsync(ogg)).Length);
        }

        if (samples > 48000)
        {
            Assert.InRange(Likeness(Talk, Sounds.Samples(Decoding.Decode(Opus, 48000, ogg))), MinLikeness, 1);
        }
    }

    [RequiresToolFact("opusdec", Tools.OpusRemedy)]
    public async Task Write_HeadersAndALaterRunOfPages_AreDecodable()
    {
        using var encoder = new SpeechEncoder(new());
        var packets = Encode(encoder, Talk, new Random(7));
        var pages = new OpusPages(encoder.Stream, 5);
        var output = new ArrayBufferWriter<byte>();
        pages.Write([.. packets.Take(50)], isLast: false, output);
        int join = output.WrittenCount;
        pages.Write([.. packets.Skip(50)], isLast: true, output);
        var decoded = await Tools.OpusdecAsync([.. pages.Headers, .. output.WrittenSpan[join..]], mayHaveHole: true);

        // The codec needs a few packets to find in; the first of them are the pre-skip's.
        int from = (50 * 960) - encoder.Stream.PreSkip;
        var tail = Talk.AsSpan(from + 9600);
        var heard = decoded.AsSpan(9600 - encoder.Stream.PreSkip);
        int common = Math.Min(tail.Length, heard.Length);
        Assert.InRange(heard.Length, tail.Length - 960, tail.Length + 960);
        Assert.InRange(Likeness(tail[..common], heard[..common]), MinLikeness, 1);
    }

    [RequiresToolFact("opusdec", Tools.OpusRemedy)]
    public async Task Write_AnEndWithoutPackets_EndsTheStream()
    {
        using var encoder = new SpeechEncoder(new());
        var packets = Encode(encoder, Talk, new Random(7));
        var pages = new OpusPages(encoder.Stream, 5);
        var output = new ArrayBufferWriter<byte>();
        output.Write(pages.Headers);
        pages.Write([.. packets], isLast: false, output);
        pages.Write([], isLast: true, output);
        Assert.InRange((await Tools.OpusdecAsync(output.WrittenSpan.ToArray())).Length, Talk.Length, Talk.Length + 1920);
        Assert.Throws<InvalidOperationException>(() => pages.Write([], isLast: true, output));
        using var decoder = new SpeechDecoder(Opus, 48000);
        decoder.Decode(output.WrittenSpan);
        decoder.Complete();
        Assert.Equal(0, decoder.DroppedBytes);
    }

    [Fact]
    public void Managed_BothWays_IsASubstitute()
    {
        using var encoder = new SpeechEncoder(new() { Bitrate = 64_000 }, OpusCodec.Managed);
        var packets = Encode(encoder, Talk, new Random(7));
        AssertTouch(packets, Talk.Length);
        var ogg = Write(new OpusPages(encoder.Stream, 5), packets, perWrite: 3);
        foreach (var codec in (OpusCodec[])[OpusCodec.Managed, OpusCodec.Default])
        {
            using var decoder = new SpeechDecoder(Opus, 48000, keepsPackets: false, codec);
            Assert.InRange(Likeness(Talk, Sounds.Samples(Decoding.Decode(decoder, [ogg]))), MinLikeness, 1);
        }
    }

    [Fact]
    public void Decode_AnOggOpusStreamThatIsNone_SaysWhat()
    {
        Assert.Equal("bytes that are no Ogg Opus stream", Refusal(Sounds.Bytes(Talk.AsSpan(100, 300))).Found);
        using var encoder = new SpeechEncoder(new());
        var ogg = Write(new OpusPages(encoder.Stream, 5), Encode(encoder, Talk, new Random(7)), perWrite: 3);
        Assert.All((int[])[40, 60, 150], length => Assert.Equal("an Ogg Opus stream that ends before its audio", Refusal(ogg[..length]).Found));
        Assert.Equal("a second Ogg stream", Refusal([.. ogg, .. ogg]).Found);
        ogg[^9] ^= 0x55;
        Assert.Equal("a broken Ogg Opus stream", Refusal(ogg).Found);
    }

    [Fact]
    public void Complete_AStreamThatBreaksOff_IsTakenAsFarAsItGoes()
    {
        using var encoder = new SpeechEncoder(new());
        var ogg = Write(new OpusPages(encoder.Stream, 5), Encode(encoder, Talk, new Random(7)), perWrite: 3);
        using var decoder = new SpeechDecoder(Opus, 48000);
        Assert.InRange(Decoding.Decode(decoder, [ogg.AsMemory(0, ogg.Length / 2)]).Length / 2, Talk.Length / 4, Talk.Length * 3 / 4);
        Assert.InRange(decoder.DroppedBytes, 1, 1000);
    }

    [Fact]
    public void Complete_WithoutSpeech_HasNoPackets()
    {
        using var encoder = new SpeechEncoder(new());
        encoder.Complete();
        encoder.Complete();
        Assert.False(encoder.TryTakePacket(out _));
        Assert.Throws<InvalidOperationException>(() => encoder.Encode(new byte[2]));
        encoder.Dispose();
        Assert.Throws<ObjectDisposedException>(() => encoder.Encode(new byte[2]));
        Assert.Contains("Complexity", Assert.Throws<ArgumentException>(() => new SpeechEncoder(new() { Complexity = 11 })).Message, StringComparison.Ordinal);
    }

    private static SpeechFormatException Refusal(byte[] bytes)
    {
        using var decoder = new SpeechDecoder(Opus, 48000);
        return Assert.Throws<SpeechFormatException>(() => Decoding.Decode(decoder, [bytes]));
    }
}
