using System.Buffers;
using System.IO.Pipelines;
using Grpc.Core;

namespace Grpc.AspNetCore.Server;

/// <summary>Reads the messages of a request out of its pipe.</summary>
internal sealed class RequestMessageReader<T>(PipeReader input, string? encoding, int? limit, Func<DeserializationContext, T> deserializer)
    where T : class
{
    private static readonly Status Incomplete = new(StatusCode.Internal, "Incomplete message.");
    private static readonly Status AdditionalData = new(StatusCode.Internal, "Additional data after the message received.");

    private readonly PayloadDeserializationContext _context = new();

    /// <summary>Reads the next message if it is there already.</summary>
    /// <returns>Whether the outcome is known: a message, or null at the end of the stream.</returns>
    public bool TryRead(out T? message)
    {
        message = null;
        return input.TryRead(out var result) && TryTake(result, out message);
    }

    /// <summary>Waits for the next message.</summary>
    /// <returns>The message, or null at the end of the stream.</returns>
    public async ValueTask<T?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken);
            if (TryTake(result, out var message))
            {
                return message;
            }
        }
    }

    /// <summary>Waits for the only message and the end of the stream.</summary>
    public async ValueTask<T> ReadSingleAsync(CancellationToken cancellationToken)
    {
        var message = await ReadAsync(cancellationToken) ?? throw new RpcException(Incomplete);
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken);
            var isEmpty = result.Buffer.IsEmpty;
            input.AdvanceTo(result.Buffer.End);
            if (!isEmpty)
            {
                throw new RpcException(AdditionalData);
            }

            if (result.IsCompleted)
            {
                return message;
            }
        }
    }

    private bool TryTake(in ReadResult result, out T? message)
    {
        var buffer = result.Buffer;
        var consumed = buffer.Start;
        var examined = buffer.End;
        try
        {
            if (TryParse(buffer, out message, out var end))
            {
                consumed = examined = end;
                return true;
            }

            if (!result.IsCompleted)
            {
                return false;
            }

            return buffer.IsEmpty ? true : throw new RpcException(Incomplete);
        }
        finally
        {
            input.AdvanceTo(consumed, examined);
        }
    }

    private bool TryParse(in ReadOnlySequence<byte> buffer, out T? message, out SequencePosition end)
    {
        message = null;
        end = buffer.Start;
        if (!MessageFrame.TryReadHeader(buffer, limit, out var isCompressed, out var length)
            || buffer.Length < MessageFrame.HeaderLength + (long)length)
        {
            return false;
        }

        var payload = buffer.Slice(MessageFrame.HeaderLength, length);
        end = payload.End;
        message = _context.Deserialize(isCompressed ? MessageCompression.Decompress(encoding, payload, limit) : payload, deserializer);
        return true;
    }
}
