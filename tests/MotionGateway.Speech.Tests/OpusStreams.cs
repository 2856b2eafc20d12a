using System.Buffers;
using MotionGateway.OggOpus;

namespace MotionGateway.Speech.Tests;

/// <summary>Makes packets and pages, takes them apart and looks at them.</summary>
internal static class OpusStreams
{
    public static List<SpeechPacket> Encode(SpeechEncoder encoder, ReadOnlySpan<short> samples, Random cuts)
    {
        List<SpeechPacket> packets = [];
        foreach (var chunk in Sounds.Cut(Sounds.Bytes(samples), cuts))
        {
            encoder.Encode(chunk.Span);
        }

        encoder.Complete();
        while (encoder.TryTakePacket(out var packet))
        {
            packets.Add(packet);
        }

        return packets;
    }

    public static void Take(SpeechDecoder decoder, List<SpeechPacket> packets)
    {
        while (decoder.TryTakePacket(out var packet))
        {
            packets.Add(packet);
        }
    }

    public static byte[] Write(OpusPages pages, List<SpeechPacket> packets, int perWrite)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Write(pages.Headers);
        for (int start = 0; start < packets.Count; start += perWrite)
        {
            var some = packets.GetRange(start, Math.Min(perWrite, packets.Count - start));
            pages.Write([.. some], isLast: start + perWrite >= packets.Count, output);
        }

        return output.WrittenSpan.ToArray();
    }

    public static List<string> Read(byte[] ogg)
    {
        var reader = new OggOpusReader();
        ReadOnlySpan<byte> rest = ogg;
        List<string> packets = [];
        while (reader.TryRead(ref rest, out var packet))
        {
            packets.Add(Convert.ToHexString(packet.Data));
        }

        reader.Complete();
        return packets;
    }

    public static void AssertTouch(List<SpeechPacket> packets, long samples)
    {
        long position = 0;
        foreach (var packet in packets)
        {
            Assert.Equal(position, packet.FirstSample);
            Assert.InRange(packet.SampleCount, 0, packet.DurationSamples);
            position += packet.SampleCount;
        }

        Assert.Equal(samples, position);
    }

    // 250 ms at most between the positions of neighbouring pages, but for the first, which has the pre-skip.
    public static void AssertPagesAreShort(byte[] ogg)
    {
        long before = 0;
        for (int at = 0; at < ogg.Length;)
        {
            long granule = BitConverter.ToInt64(ogg, at + 6);
            Assert.InRange(granule - before, 0, 12000);
            before = granule;
            int segments = ogg[at + 26];
            at += 27 + segments + ogg.AsSpan(at + 27, segments).ToArray().Sum(value => value);
        }
    }

    // The first page's checksum anew.
    public static void Seal(byte[] ogg)
    {
        int length = 27 + 1 + ogg[27];
        BitConverter.TryWriteBytes(ogg.AsSpan(22), 0u);
        uint crc = 0;
        foreach (byte value in ogg.AsSpan(0, length))
        {
            crc ^= (uint)value << 24;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x80000000) != 0 ? (crc << 1) ^ 0x04C11DB7 : crc << 1;
            }
        }

        BitConverter.TryWriteBytes(ogg.AsSpan(22), crc);
    }

    public static double Likeness(ReadOnlySpan<short> left, ReadOnlySpan<short> right)
    {
        double product = 0, leftPower = 0, rightPower = 0;
        for (int index = 0; index < Math.Min(left.Length, right.Length); index++)
        {
            product += (double)left[index] * right[index];
            leftPower += (double)left[index] * left[index];
            rightPower += (double)right[index] * right[index];
        }

        return product / Math.Sqrt(leftPower * rightPower);
    }
}
