using System.Buffers;
using System.Buffers.Binary;
using MotionGateway.OggOpus.Ogg;

namespace MotionGateway.OggOpus.Tests;

/// <summary>Pages, byte by byte.</summary>
public sealed class OggPageWriterTests
{
    // CRC-32/CKSUM is the same but inverted at the end; its published check value is 0x765E7680.
    [Fact]
    public void Crc_TheNineDigits_IsTheCheckValue() => Assert.Equal(0x89A1897Fu, OggCrc.Append(0, "123456789"u8));

    [Fact]
    public void Crc_OneByte_IsThePolynomial() => Assert.Equal(0x04C11DB7u, OggCrc.Append(0, [1]));

    [Fact]
    public void Crc_InParts_IsThatOfTheWhole() =>
        Assert.Equal(OggCrc.Append(0, "123456789"u8), OggCrc.Append(OggCrc.Append(0, "1234"u8), "56789"u8));

    [Fact]
    public void Flush_OnePacket_WritesEachFieldInItsPlace()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new OggPageWriter(0x01020304);
        writer.Add([9]);
        writer.Flush(output, OggPageFlags.BeginOfStream, 0);
        output.ResetWrittenCount();
        writer.Add([0xAA, 0xBB]);
        writer.Flush(output, OggPageFlags.EndOfStream, 0x1122334455667788);

        var page = output.WrittenSpan.ToArray();
        byte[] expected =
        [
            (byte)'O', (byte)'g', (byte)'g', (byte)'S', 0, 4, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,
            4, 3, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0xAA, 0xBB,
        ];
        uint crc = BinaryPrimitives.ReadUInt32LittleEndian(page.AsSpan(22));
        page.AsSpan(22, 4).Clear();
        Assert.Equal(expected, page);
        Assert.Equal(OggCrc.Append(0, expected), crc);
    }

    [Theory]
    [InlineData(1, new byte[] { 1 })]
    [InlineData(254, new byte[] { 254 })]
    [InlineData(255, new byte[] { 255, 0 })]
    [InlineData(256, new byte[] { 255, 1 })]
    [InlineData(510, new byte[] { 255, 255, 0 })]
    public void Add_APacket_IsLacedWithAShortLastSegment(int length, byte[] segments)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new OggPageWriter(1);
        writer.Add(new byte[length]);
        writer.Flush(output, OggPageFlags.None, 0);

        Assert.Equal(segments.Length, output.WrittenSpan[26]);
        Assert.Equal(segments, output.WrittenSpan.Slice(27, segments.Length).ToArray());
        Assert.Equal(27 + segments.Length + length, output.WrittenCount);
    }

    [Fact]
    public void HasRoomFor_APageOfManyPackets_EndsAt255Segments()
    {
        var writer = new OggPageWriter(1);
        for (int count = 0; count < 254; count++)
        {
            writer.Add([1]);
        }

        Assert.True(writer.HasRoomFor(254));
        Assert.False(writer.HasRoomFor(255));
    }
}
