using System.Buffers;
using MotionGateway.OggOpus.Codec;
using MotionGateway.OggOpus.Native;
using MotionGateway.OggOpus.Ogg;
using MotionGateway.Testing;

namespace MotionGateway.OggOpus.Tests;

/// <summary>Which codec is used, and that the managed one stands in for libopus in every way.</summary>
public sealed class OpusCodecTests
{
    private const string Remedy = "apt-get install opus-tools, which brings libopus";

    [RequiresToolFact("opusdec", Remedy)]
    public void Choose_WhereLibopusIs_TakesItUnlessToldOtherwise()
    {
        Assert.Equal(OpusImplementation.Libopus, OpusCodec.Choose(null, OpusLibraryLoader.Default).Implementation);
        Assert.Equal(OpusImplementation.Libopus, OpusCodec.Choose("native", OpusLibraryLoader.Default).Implementation);
        Assert.Equal(OpusImplementation.Managed, OpusCodec.Choose("Managed", OpusLibraryLoader.Default).Implementation);
        Assert.Contains("libopus", OpusCodec.Choose(null, OpusLibraryLoader.Default).Version, StringComparison.Ordinal);
    }

    [Fact]
    public void Choose_WithoutLibopus_TakesTheManagedOne()
    {
        var codec = OpusCodec.Choose(null, new OpusLibraryLoader(["libnothere.so.0", "nothere"]));
        Assert.Equal(OpusImplementation.Managed, codec.Implementation);
        Assert.Equal("Concentus 2.2.2", codec.Version);
    }

    [Theory]
    [InlineData(8000)]
    [InlineData(12000)]
    [InlineData(16000)]
    [InlineData(24000)]
    [InlineData(48000)]
    public void Managed_Alone_EncodesAndDecodesATone(int rate)
    {
        var tone = Signal.Tone(rate, 2 * rate);
        var decoded = Decode(OpusCodec.Managed, rate, Encode(OpusCodec.Managed, rate, tone));
        Assert.True(Signal.Correlation(tone, decoded) > 0.97);
    }

    [RequiresToolFact("opusdec", Remedy)]
    public void Managed_AndLibopus_UnderstandEachOther()
    {
        var tone = Signal.Tone(16000, 32000);
        Assert.True(Signal.Correlation(tone, Decode(OpusCodec.Default, 16000, Encode(OpusCodec.Managed, 16000, tone))) > 0.97);
        Assert.True(Signal.Correlation(tone, Decode(OpusCodec.Managed, 16000, Encode(OpusCodec.Default, 16000, tone))) > 0.97);
    }

    [Fact]
    public void Managed_AnInvalidPacket_FailsAsAStream()
    {
        var output = new ArrayBufferWriter<byte>();
        var pages = new OggPageWriter(1);
        Streams.WriteHeaders(pages, output);
        pages.Add([0xF9, 1, 2, 3]);
        pages.Flush(output, OggPageFlags.EndOfStream, 1920);
        using var decoder = new OggOpusDecoder(48000, OpusCodec.Managed);
        var failure = Assert.Throws<OggOpusException>(() => decoder.Decode(output.WrittenSpan, new ArrayBufferWriter<byte>()));
        Assert.Equal(OggOpusError.CodecFailure, failure.Error);
    }

    [Fact]
    public void Managed_AnyBytesInAPacket_FailAsAStreamOrDecode()
    {
        var random = new Random(3);
        using var decoder = OpusCodec.Managed.OpenDecoder(48000);
        var samples = new short[5760];
        for (int run = 0; run < 2000; run++)
        {
            var packet = new byte[random.Next(1, 60)];
            random.NextBytes(packet);
            if (OpusPacketDuration.Of(packet[0], packet.Length > 1 ? packet[1] : -1) < 0)
            {
                continue;
            }

            try
            {
                decoder.Decode(packet, samples);
            }
            catch (OggOpusException failure)
            {
                Assert.Equal(OggOpusError.CodecFailure, failure.Error);
            }
        }
    }

    [Fact]
    public void Managed_Disposed_EndsUse()
    {
        var encoder = new OggOpusEncoder(new(), OpusCodec.Managed);
        var decoder = new OggOpusDecoder(48000, OpusCodec.Managed);
        encoder.Dispose();
        encoder.Dispose();
        decoder.Dispose();
        decoder.Dispose();
        var output = new ArrayBufferWriter<byte>();
        Assert.Throws<ObjectDisposedException>(() => encoder.Encode(new byte[2], output));
        Assert.Throws<ObjectDisposedException>(() => decoder.Decode([1], output));
    }

    [RequiresToolFact("opusdec", Remedy)]
    public void Complexity_OfAnEncoder_ChangesItsPackets()
    {
        var clip = Signal.ClipAt(16000).AsSpan(0, 32000);
        var packets = new List<byte[]>();
        foreach (int? complexity in (int?[])[0, 5, 10])
        {
            packets.Add(Streams.Encode(new() { Complexity = complexity, StreamSerial = 1 }, clip));
        }

        Assert.NotEqual(packets[0], packets[1]);
        Assert.NotEqual(packets[1], packets[2]);
    }

    private static byte[] Encode(OpusCodec codec, int rate, ReadOnlySpan<short> samples)
    {
        using var encoder = new OggOpusEncoder(
            new() { SampleRate = rate, Application = OpusApplication.Audio, Bitrate = 64_000, Complexity = 5 }, codec);
        var output = new ArrayBufferWriter<byte>();
        encoder.Encode(Signal.ToBytes(samples), output);
        encoder.Finish(output);
        return output.WrittenSpan.ToArray();
    }

    private static short[] Decode(OpusCodec codec, int rate, byte[] ogg)
    {
        using var decoder = new OggOpusDecoder(rate, codec);
        var pcm = new ArrayBufferWriter<byte>();
        decoder.Decode(ogg, pcm);
        decoder.Complete();
        return Signal.ToSamples(pcm.WrittenSpan);
    }
}
