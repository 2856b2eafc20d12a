using System.Buffers;
using MotionGateway.OggOpus.Ogg;

namespace MotionGateway.OggOpus.Tests;

/// <summary>Packets, durations and refusals, without the codec.</summary>
public sealed class OggOpusReaderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(int.MaxValue)]
    public void TryRead_AWellFormedStream_TellsPacketsAndDuration(int cut)
    {
        var reader = new OggOpusReader();
        var packets = Streams.Read(reader, Streams.Make((2, 1920), (1, PreSkipAnd(2000))), cut);

        Assert.Equal(
            [(960, Streams.PreSkip, 0), (960, 0, 0), (960, 0, 2880 - PreSkipAnd(2000))],
            packets.Select(packet => (packet.Duration, packet.Skipped, (long)packet.Trimmed)));
        Assert.All(packets, packet => Assert.Equal(Streams.TwentyMilliseconds, packet.Data));
        Assert.Equal(2000, reader.DurationSamples);
        Assert.Equal(PreSkipAnd(2000), reader.GranulePosition);
        Assert.Equal((1, Streams.PreSkip, 48000L, 0), (reader.ChannelCount, reader.PreSkip, reader.InputSampleRate, reader.OutputGain));
        Assert.True(reader.IsEnded);
        reader.Complete();
    }

    [Fact]
    public void DurationSamples_InMidStream_CountsThePacketsRead()
    {
        var reader = new OggOpusReader();
        ReadOnlySpan<byte> ogg = Streams.Make((3, 2880), (1, 3840));
        Assert.True(reader.TryRead(ref ogg, out _));
        Assert.Equal(960 - Streams.PreSkip, reader.DurationSamples);
        Assert.True(reader.TryRead(ref ogg, out _));
        Assert.Equal(1920 - Streams.PreSkip, reader.DurationSamples);
        Assert.False(reader.IsEnded);
    }

    [Fact]
    public void TryRead_TheLastPageTrimsMoreThanAPacket_TrimsSeveral()
    {
        var packets = Streams.Read(new(), Streams.Make((1, 960), (3, 960 + 1000)));
        Assert.Equal([0, 0, 920, 960], packets.Select(packet => packet.Trimmed));
    }

    // RFC 7845, section 4.4: a stream of one page begins at 0 although that page is trimmed.
    [Fact]
    public void TryRead_ASingleTrimmedPage_BeginsAtZero()
    {
        var reader = new OggOpusReader();
        Streams.Read(reader, Streams.Make((2, 1000)));
        Assert.Equal(1000 - Streams.PreSkip, reader.DurationSamples);
    }

    [Theory]
    [InlineData(1_000_960, 1_001_920, 1920 - Streams.PreSkip)] // begins late, as a recording of a live stream does
    [InlineData(1, 961, 1920 - Streams.PreSkip)] // begins before 0, as some senders count
    [InlineData(960, 50_000, 1920 - Streams.PreSkip)] // leaves a gap
    public void DurationSamples_PositionsThatDisagreeWithPackets_CountsThePackets(long first, long last, long duration)
    {
        var reader = new OggOpusReader();
        Streams.Read(reader, Streams.Make((1, first), (1, last)));
        Assert.Equal(duration, reader.DurationSamples);
    }

    [Fact]
    public void TryRead_APacketAcrossThreePages_IsOnePacket()
    {
        var packet = new byte[(255 * 255) + 700];
        Assert.Equal(OggOpusError.PacketTooLarge, Assert.Throws<OggOpusException>(() => Streams.Read(new(), Spanning(packet))).Error);

        packet = new byte[1000];
        packet[0] = 0xF8;
        packet[999] = 5;
        var reader = new OggOpusReader();
        var read = Assert.Single(Streams.Read(reader, Spanning(packet), cut: 13));
        Assert.Equal(packet, read.Data);
        Assert.Equal(960 - Streams.PreSkip, reader.DurationSamples);
        Assert.True(reader.IsEnded);
    }

    [Fact]
    public void TryRead_CommentsLargerThanAPage_ArePassedBy()
    {
        var output = new ArrayBufferWriter<byte>();
        WriteHead(output);
        var tags = OpusTags.ToPacket("nobody", new string('x', 200_000));
        uint sequence = 1;
        const int room = 254 * 255;
        for (int start = 0; start < tags.Length; start += room, sequence++)
        {
            var part = tags.AsSpan(start, Math.Min(room, tags.Length - start));
            output.Write(Page(part, sequence, start == 0 ? 0 : OggPageFlags.Continued, isOpen: part.Length == room, 0));
        }

        output.Write(Page(Streams.TwentyMilliseconds, sequence, OggPageFlags.EndOfStream, isOpen: false, 960));
        Assert.Single(Streams.Read(new(), output.WrittenSpan, cut: 4000));
    }

    [Fact]
    public void Complete_WithinAPage_SaysSo()
    {
        var reader = new OggOpusReader();
        Streams.Read(reader, Streams.Make((1, 960)).AsSpan()[..^1]);
        var failure = Assert.Throws<OggOpusException>(reader.Complete);
        Assert.Equal(OggOpusError.Truncated, failure.Error);
        Assert.Contains("within a page", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Complete_WithoutTheLastPage_SaysSo()
    {
        var ogg = Streams.Make((1, 960), (1, 1920));
        var reader = new OggOpusReader();
        Streams.Read(reader, ogg.AsSpan(0, Streams.PagesOf(ogg)[^1].Start.Value));
        Assert.Contains("without a page that ends", Assert.Throws<OggOpusException>(reader.Complete).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TryRead_AfterAFailure_FailsTheSameWay()
    {
        var reader = new OggOpusReader();
        var first = Assert.Throws<OggOpusException>(() => Streams.Read(reader, "RIFF"u8));
        var second = Assert.Throws<OggOpusException>(() => Streams.Read(reader, Streams.Make((1, 960))));
        Assert.Equal(OggOpusError.NotOgg, first.Error);
        Assert.Equal((first.Error, first.Message), (second.Error, second.Message));
        Assert.Throws<OggOpusException>(reader.Complete);
    }

    [Fact]
    public void TryRead_AHugeGranulePosition_AddsNothing()
    {
        var reader = new OggOpusReader();
        Streams.Read(reader, Streams.Make((1, 960), (1, long.MaxValue)));
        Assert.Equal(1920 - Streams.PreSkip, reader.DurationSamples);
    }

    internal static byte[] Page(ReadOnlySpan<byte> body, uint sequence, OggPageFlags flags, bool isOpen, long granule)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new OggPageWriter(7);
        writer.Add(body);
        writer.Flush(output, flags, granule);
        var page = output.WrittenSpan.ToArray();
        BitConverter.TryWriteBytes(page.AsSpan(OggPageLayout.Sequence), sequence);
        if (isOpen)
        {
            // Without its empty last segment the packet goes on.
            int segments = --page[OggPageLayout.SegmentCount];
            page = [.. page.AsSpan(0, OggPageLayout.Header + segments), .. body];
        }

        Streams.Seal(page);
        return page;
    }

    internal static void WriteHead(ArrayBufferWriter<byte> output) =>
        output.Write(Page(new OpusHead(1, Streams.PreSkip, 48000, 0).ToPacket(), 0, OggPageFlags.BeginOfStream, isOpen: false, 0));

    private static long PreSkipAnd(long samples) => Streams.PreSkip + samples;

    // 510 bytes or all that a page has room for, then 255, then the rest.
    private static byte[] Spanning(ReadOnlySpan<byte> packet)
    {
        int room = packet.Length > 255 * 254 ? 255 * 254 : 510;
        var output = new ArrayBufferWriter<byte>();
        WriteHead(output);
        output.Write(Page(OpusTags.ToPacket("nobody", "A=b"), 1, OggPageFlags.None, isOpen: false, 0));
        output.Write(Page(packet[..room], 2, OggPageFlags.None, isOpen: true, -1));
        output.Write(Page(packet[room..(room + 255)], 3, OggPageFlags.Continued, isOpen: true, -1));
        output.Write(Page(packet[(room + 255)..], 4, OggPageFlags.Continued | OggPageFlags.EndOfStream, isOpen: false, 960));
        return output.WrittenSpan.ToArray();
    }
}
