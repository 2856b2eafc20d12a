using System.Buffers;
using System.Buffers.Binary;

namespace MotionGateway.MotionServer.Tests.Warmup;

/// <summary>Reads the first message of a TLS client (RFC 8446, section 4.1.2).</summary>
internal static class ClientHello
{
    private const int RecordHeader = 5;
    private const int HandshakeHeader = 4;
    private const int VersionAndRandom = 2 + 32;
    private const int SessionTicket = 35;
    private const int PreSharedKey = 41;

    /// <summary>Whether it offers to resume an earlier session: by a pre-shared key, or by a ticket that is not empty.</summary>
    public static bool OffersResumption(ReadOnlySequence<byte> record)
    {
        ReadOnlySpan<byte> rest = record.ToArray().AsSpan(RecordHeader + HandshakeHeader + VersionAndRandom);
        rest = rest[(1 + rest[0])..];
        rest = rest[(2 + BinaryPrimitives.ReadUInt16BigEndian(rest))..];
        rest = rest[(1 + rest[0])..];
        ReadOnlySpan<byte> extensions = rest.Slice(2, BinaryPrimitives.ReadUInt16BigEndian(rest));
        while (extensions.Length > 0)
        {
            int type = BinaryPrimitives.ReadUInt16BigEndian(extensions);
            int length = BinaryPrimitives.ReadUInt16BigEndian(extensions[2..]);
            if (type == PreSharedKey || (type == SessionTicket && length > 0))
            {
                return true;
            }

            extensions = extensions[(4 + length)..];
        }

        return false;
    }
}
