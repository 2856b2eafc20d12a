using System.Buffers;
using MotionGateway.OggOpus.Ogg;

namespace MotionGateway.OggOpus.Tests;

/// <summary>Makes streams, with and without the codec, and takes them apart.</summary>
internal static class Streams
{
    public const int PreSkip = 312;

    // One frame of 20 ms in the full band, mono; what is in it is no matter to a reader.
    public static readonly byte[] TwentyMilliseconds = [0xF8, 0x11, 0x22, 0x33];

    /// <summary>Encodes samples fed in cuts of the given number of bytes.</summary>
    public static byte[] Encode(OggOpusEncoderOptions options, ReadOnlySpan<short> samples, int cut = 333)
    {
        using var encoder = new OggOpusEncoder(options);
        var output = new ArrayBufferWriter<byte>();
        var pcm = Signal.ToBytes(samples);
        for (int start = 0; start < pcm.Length; start += cut)
        {
            encoder.Encode(pcm.AsSpan(start, Math.Min(cut, pcm.Length - start)), output);
        }

        encoder.Finish(output);
        return output.WrittenSpan.ToArray();
    }

    public static short[] Decode(int rate, ReadOnlySpan<byte> ogg, int cut = 101)
    {
        using var decoder = new OggOpusDecoder(rate);
        var pcm = new ArrayBufferWriter<byte>();
        for (int start = 0; start < ogg.Length; start += cut)
        {
            decoder.Decode(ogg.Slice(start, Math.Min(cut, ogg.Length - start)), pcm);
        }

        decoder.Complete();
        return Signal.ToSamples(pcm.WrittenSpan);
    }

    /// <summary>Both headers.</summary>
    public static void WriteHeaders(OggPageWriter pages, IBufferWriter<byte> output)
    {
        pages.Add(new OpusHead(1, PreSkip, 48000, 0).ToPacket());
        pages.Flush(output, OggPageFlags.BeginOfStream, 0);
        pages.Add(OpusTags.ToPacket("nobody", "A=b"));
        pages.Flush(output, OggPageFlags.None, 0);
    }

    /// <summary>A stream of pages of 20 ms packets; the last page ends it.</summary>
    public static byte[] Make(params ReadOnlySpan<(int Packets, long Granule)> pages)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new OggPageWriter(7);
        WriteHeaders(writer, output);
        for (int index = 0; index < pages.Length; index++)
        {
            for (int packet = 0; packet < pages[index].Packets; packet++)
            {
                writer.Add(TwentyMilliseconds);
            }

            writer.Flush(output, index == pages.Length - 1 ? OggPageFlags.EndOfStream : OggPageFlags.None, pages[index].Granule);
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads all packets of bytes that come in cuts of the given length.</summary>
    public static List<ReadPacket> Read(OggOpusReader reader, ReadOnlySpan<byte> ogg, int cut = int.MaxValue)
    {
        List<ReadPacket> packets = [];
        while (!ogg.IsEmpty)
        {
            var part = ogg[..Math.Min(cut, ogg.Length)];
            ogg = ogg[part.Length..];
            while (reader.TryRead(ref part, out var packet))
            {
                packets.Add(new(packet.Data.ToArray(), packet.DurationSamples, packet.SkippedSamples, packet.TrimmedSamples));
            }
        }

        return packets;
    }

    /// <summary>Puts the right checksum into a page that was changed.</summary>
    public static void Seal(Span<byte> page)
    {
        var field = page.Slice(OggPageLayout.Checksum, sizeof(uint));
        field.Clear();
        BitConverter.TryWriteBytes(field, OggCrc.Append(0, page));
    }

    /// <summary>Where each page begins and ends.</summary>
    public static List<Range> PagesOf(ReadOnlySpan<byte> ogg)
    {
        List<Range> pages = [];
        for (int start = 0; start < ogg.Length;)
        {
            var segments = ogg.Slice(start + OggPageLayout.Header, ogg[start + OggPageLayout.SegmentCount]);
            int end = start + OggPageLayout.Header + segments.Length;
            foreach (byte segment in segments)
            {
                end += segment;
            }

            pages.Add(start..end);
            start = end;
        }

        return pages;
    }
}
