using System.Buffers.Binary;
using System.Text;

namespace MotionGateway.OggOpus;

/// <summary>The comment header that follows the identification header (RFC 7845, section 5.2).</summary>
internal static class OpusTags
{
    /// <summary>Makes the header.</summary>
    /// <param name="vendor">The codec's name and version.</param>
    /// <param name="comment">One comment, NAME=value.</param>
    public static byte[] ToPacket(string vendor, string comment)
    {
        using var stream = new MemoryStream();
        stream.Write(OpusHead.TagsMagic);
        WriteText(stream, vendor);
        WriteNumber(stream, 1);
        WriteText(stream, comment);
        return stream.ToArray();
    }

    private static void WriteText(MemoryStream stream, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        WriteNumber(stream, (uint)bytes.Length);
        stream.Write(bytes);
    }

    private static void WriteNumber(MemoryStream stream, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        stream.Write(bytes);
    }
}
