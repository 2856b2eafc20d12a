using System.Buffers;
using System.Buffers.Binary;
using Grpc.Core;

namespace Grpc;

/// <summary>The five bytes before each message: a flag for compression and the length, an unsigned big-endian number.</summary>
internal static class MessageFrame
{
    public const int HeaderLength = 5;

    public static void WriteHeader(Span<byte> destination, int payloadLength)
    {
        destination[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(destination[1..], payloadLength);
    }

    /// <summary>Reads the header of the message at the start of a buffer, and checks it.</summary>
    /// <returns>Whether the buffer has the whole header.</returns>
    public static bool TryReadHeader(in ReadOnlySequence<byte> buffer, int? limit, out bool isCompressed, out int payloadLength)
    {
        isCompressed = false;
        payloadLength = 0;
        if (buffer.Length < HeaderLength)
        {
            return false;
        }

        Span<byte> copy = stackalloc byte[HeaderLength];
        scoped var header = buffer.FirstSpan;
        if (header.Length < HeaderLength)
        {
            buffer.Slice(0, HeaderLength).CopyTo(copy);
            header = copy;
        }

        if (header[0] > 1)
        {
            throw new RpcException(new Status(StatusCode.Internal, "Unexpected compressed flag value in message header."));
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        ThrowIfOverLimit(length, limit);
        isCompressed = header[0] == 1;
        payloadLength = (int)length;
        return true;
    }

    public static void ThrowIfOverLimit(long length, int? limit)
    {
        if (length > (limit ?? Array.MaxLength))
        {
            throw new RpcException(new Status(StatusCode.ResourceExhausted, "Received message exceeds the maximum configured message size."));
        }
    }
}
