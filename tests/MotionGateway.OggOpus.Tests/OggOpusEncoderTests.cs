using System.Buffers;
using MotionGateway.OggOpus.Ogg;
using MotionGateway.Testing;

namespace MotionGateway.OggOpus.Tests;

/// <summary>The encoder's stream, seen through the reader and the decoder.</summary>
public sealed class OggOpusEncoderTests
{
    private const string Remedy = "apt-get install opus-tools, which brings libopus";

    [RequiresToolTheory("opusdec", Remedy)]
    [InlineData(OpusApplication.Voip, 312)]
    [InlineData(OpusApplication.Audio, 312)]
    [InlineData(OpusApplication.RestrictedLowDelay, 120)]
    public void PreSkip_OfAnApplication_IsTheLookaheadAt48Kilohertz(OpusApplication application, int preSkip)
    {
        foreach (int rate in OpusSampleRates.Supported)
        {
            using var encoder = new OggOpusEncoder(new() { SampleRate = rate, Application = application });
            Assert.Equal(preSkip, encoder.PreSkip);
        }
    }

    [RequiresToolTheory("opusdec", Remedy)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(319)]
    [InlineData(320)]
    [InlineData(321)]
    [InlineData(16000)]
    [InlineData(16217)]
    public void Finish_AnyLength_GivesADecoderExactlyThat(int samples)
    {
        var tone = Signal.Tone(16000, samples);
        foreach (int milliseconds in (ReadOnlySpan<int>)[10, 20, 40, 60])
        {
            var ogg = Streams.Encode(new() { FrameDuration = TimeSpan.FromMilliseconds(milliseconds) }, tone, cut: 77);
            var reader = new OggOpusReader();
            var packets = Streams.Read(reader, ogg, cut: 50);
            reader.Complete();
            Assert.Equal(samples * 3L, reader.DurationSamples);
            Assert.Equal((samples * 3L) + 312, reader.GranulePosition);
            Assert.Equal(16000, reader.InputSampleRate);
            Assert.All(packets, packet => Assert.Equal(milliseconds * 48, packet.Duration));
            Assert.Equal(samples, Streams.Decode(16000, ogg).Length);
        }
    }

    [RequiresToolTheory("opusdec", Remedy)]
    [InlineData(8000)]
    [InlineData(12000)]
    [InlineData(16000)]
    [InlineData(24000)]
    [InlineData(48000)]
    public void Encode_ASweep_DecodesToItself(int rate)
    {
        var tone = Signal.Tone(rate, 2 * rate);
        var ogg = Streams.Encode(new() { SampleRate = rate, Application = OpusApplication.Audio, Bitrate = 64_000 }, tone);
        var decoded = Streams.Decode(rate, ogg);

        // A delay that is wrong by a quarter of a millisecond would already be far below.
        double correlation = Signal.Correlation(tone, decoded);
        Assert.True(correlation > 0.99, $"{correlation:0.0000}");
        Assert.InRange(decoded.Max(value => (int)value), 14000, 18000);
    }

    [RequiresToolFact("opusdec", Remedy)]
    public void Decode_AtAnotherRate_KeepsTheDuration()
    {
        var ogg = Streams.Encode(new() { SampleRate = 24000 }, Signal.Tone(24000, 24000));
        foreach (int rate in OpusSampleRates.Supported)
        {
            Assert.Equal(rate, Streams.Decode(rate, ogg).Length);
        }
    }

    [RequiresToolFact("opusdec", Remedy)]
    public void Encode_FirstBytes_WritesTheHeadersAtOnce()
    {
        using var encoder = new OggOpusEncoder(new() { StreamSerial = 5 });
        var output = new ArrayBufferWriter<byte>();
        encoder.Encode([], output);
        Assert.Equal(0, output.WrittenCount);
        encoder.Encode([1], output);
        Assert.Equal(2, Streams.PagesOf(output.WrittenSpan).Count);
        var reader = new OggOpusReader();
        Assert.Empty(Streams.Read(reader, output.WrittenSpan));
        Assert.Equal(312, reader.PreSkip);
    }

    [RequiresToolFact("opusdec", Remedy)]
    public void Encode_EachWholeFrame_IsWrittenAtOnce()
    {
        using var encoder = new OggOpusEncoder(new());
        var output = new ArrayBufferWriter<byte>();
        encoder.Encode(new byte[639], output);
        output.ResetWrittenCount();
        for (int frame = 1; frame <= 3; frame++)
        {
            encoder.Encode(new byte[frame == 1 ? 1 : 640], output);
            var page = output.WrittenSpan[Streams.PagesOf(output.WrittenSpan).Single()];
            Assert.Equal(frame * 960L, BitConverter.ToInt64(page[OggPageLayout.GranulePosition..]));
            output.ResetWrittenCount();
        }
    }

    [RequiresToolTheory("opusdec", Remedy)]
    [InlineData(10, 9600)]
    [InlineData(20, 9600)]
    [InlineData(40, 9600)]
    [InlineData(60, 8640)]
    public void Encode_MuchAtOnce_CutsPagesOf200Milliseconds(int milliseconds, int granulesPerPage)
    {
        var ogg = Streams.Encode(
            new() { FrameDuration = TimeSpan.FromMilliseconds(milliseconds), Bitrate = 512_000 }, Signal.ClipAt(16000), cut: int.MaxValue);
        var granules = Streams.PagesOf(ogg).Select(page => BitConverter.ToInt64(ogg[page].AsSpan(OggPageLayout.GranulePosition))).Skip(1).ToList();
        var lengths = granules.Zip(granules.Skip(1), (before, after) => after - before).ToList();

        // The last two are what was left at the end of the audio, and at the end of the stream.
        Assert.All(lengths[..^2], length => Assert.Equal(granulesPerPage, length));
        Assert.All(lengths[^2..], length => Assert.InRange(length, 1, granulesPerPage));
    }

    [RequiresToolFact("opusdec", Remedy)]
    public void Encode_ABitrate_IsKept()
    {
        var clip = Signal.ClipAt(48000);
        int low = Streams.Encode(new() { SampleRate = 48000, Bitrate = 12_000 }, clip, cut: 96_000).Length;
        int high = Streams.Encode(new() { SampleRate = 48000, Bitrate = 96_000 }, clip, cut: 96_000).Length;
        double seconds = clip.Length / 48000.0;
        Assert.InRange(low * 8 / seconds, 9_000, 16_000);
        Assert.InRange(high * 8 / seconds, 72_000, 120_000);
    }

    [RequiresToolFact("opusdec", Remedy)]
    public void Encode_ThousandFrames_AllocatesNothing()
    {
        using var encoder = new OggOpusEncoder(new());
        using var decoder = new OggOpusDecoder(16000);
        var ogg = new ArrayBufferWriter<byte>(1 << 16);
        var pcm = new ArrayBufferWriter<byte>(1 << 16);
        var chunk = Signal.ToBytes(Signal.ClipAt(16000).AsSpan(16000, 333));
        void Run(int count)
        {
            for (; count > 0; count--)
            {
                ogg.ResetWrittenCount();
                pcm.ResetWrittenCount();
                encoder.Encode(chunk, ogg);
                decoder.Decode(ogg.WrittenSpan, pcm);
            }
        }

        Run(100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [RequiresToolFact("opusdec", Remedy)]
    public void Finish_WithinASample_RefusesAndCanGoOn()
    {
        using var encoder = new OggOpusEncoder(new());
        var output = new ArrayBufferWriter<byte>();
        encoder.Encode(new byte[3], output);
        Assert.Contains("3 bytes", Assert.Throws<InvalidOperationException>(() => encoder.Finish(output)).Message, StringComparison.Ordinal);
        encoder.Encode(new byte[1], output);
        encoder.Finish(output);
        int length = output.WrittenCount;
        encoder.Finish(output);
        Assert.Equal(length, output.WrittenCount);
        Assert.Equal(2, encoder.SampleCount);
        Assert.Throws<InvalidOperationException>(() => encoder.Encode(new byte[2], output));
    }

    [RequiresToolFact("opusdec", Remedy)]
    public void Dispose_Twice_IsHarmlessAndEndsUse()
    {
        var encoder = new OggOpusEncoder(new());
        var decoder = new OggOpusDecoder(48000);
        encoder.Dispose();
        encoder.Dispose();
        decoder.Dispose();
        decoder.Dispose();
        var output = new ArrayBufferWriter<byte>();
        Assert.Throws<ObjectDisposedException>(() => encoder.Encode(new byte[2], output));
        Assert.Throws<ObjectDisposedException>(() => encoder.Finish(output));
        Assert.Throws<ObjectDisposedException>(() => decoder.Decode([1], output));
        Assert.Throws<ObjectDisposedException>(decoder.Complete);
    }

    [RequiresToolFact("opusdec", Remedy)]
    public void Decode_AnInvalidPacket_FailsForGood()
    {
        // Two frames of equal size in a packet of odd length: the reader can tell its duration, the codec refuses it.
        var output = new ArrayBufferWriter<byte>();
        var pages = new OggPageWriter(1);
        Streams.WriteHeaders(pages, output);
        pages.Add([0xF9, 1, 2, 3]);
        pages.Flush(output, OggPageFlags.EndOfStream, 1920);
        using var decoder = new OggOpusDecoder(48000);
        var pcm = new ArrayBufferWriter<byte>();
        Assert.Equal(OggOpusError.CodecFailure, Assert.Throws<OggOpusException>(() => decoder.Decode(output.WrittenSpan, pcm)).Error);
        Assert.Equal(OggOpusError.CodecFailure, Assert.Throws<OggOpusException>(() => decoder.Decode([], pcm)).Error);
        Assert.Throws<OggOpusException>(decoder.Complete);
    }

    [RequiresToolFact("opusdec", Remedy)]
    public void Decode_AStreamWithGain_IsLouder()
    {
        var ogg = Streams.Encode(new() { Application = OpusApplication.Audio, Bitrate = 64_000 }, Signal.Tone(16000, 16000));
        int before = Streams.Decode(16000, ogg).Max(value => (int)value);
        var head = ogg.AsSpan(Streams.PagesOf(ogg)[0]);
        BitConverter.TryWriteBytes(head[(OggPageLayout.Header + 1 + 16)..], (short)(-6.0206 * 256));
        Streams.Seal(head);
        Assert.InRange(Streams.Decode(16000, ogg).Max(value => (int)value) / (double)before, 0.49, 0.51);
    }

    [Fact]
    public void Constructor_ADecoderOfAnotherRate_NamesTheRates() =>
        Assert.Contains("8000, 12000", Assert.Throws<ArgumentOutOfRangeException>(() => new OggOpusDecoder(44100)).Message, StringComparison.Ordinal);
}
