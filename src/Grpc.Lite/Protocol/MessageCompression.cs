using System.Buffers;
using System.IO.Compression;
using Grpc.Core;

namespace Grpc;

/// <summary>Decodes compressed messages. Messages are sent uncompressed always.</summary>
internal static class MessageCompression
{
    /// <summary>Decodes a message by the encoding that its sender declared.</summary>
    /// <exception cref="RpcException">The encoding is missing or unknown, the data is broken, or decodes to more than the limit.</exception>
    public static ReadOnlySequence<byte> Decompress(string? encoding, in ReadOnlySequence<byte> payload, int? limit)
    {
        switch (encoding)
        {
            case null or GrpcHeaders.Identity:
                throw new RpcException(new Status(StatusCode.Internal, "A compressed message came without a grpc-encoding that says how."));
            case GrpcHeaders.Gzip:
                return Gunzip(payload, limit);
            default:
                throw new RpcException(new Status(
                    StatusCode.Unimplemented,
                    $"Unsupported grpc-encoding value '{encoding}'. Supported encodings: {GrpcHeaders.SupportedEncodings}"));
        }
    }

    private static ReadOnlySequence<byte> Gunzip(in ReadOnlySequence<byte> payload, int? limit)
    {
        var decoded = new ArrayBufferWriter<byte>();
        try
        {
            using var compressed = new MemoryStream(payload.ToArray(), writable: false);
            using var gzip = new GZipStream(compressed, CompressionMode.Decompress);
            int count;
            while ((count = gzip.Read(decoded.GetSpan(4096))) > 0)
            {
                decoded.Advance(count);
                MessageFrame.ThrowIfOverLimit(decoded.WrittenCount, limit);
            }
        }
        catch (InvalidDataException exception)
        {
            throw new RpcException(new Status(StatusCode.Internal, "Error decompressing message.", exception));
        }

        return new ReadOnlySequence<byte>(decoded.WrittenMemory);
    }
}
