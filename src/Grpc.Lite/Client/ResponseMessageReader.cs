using System.Buffers;
using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>Reads the messages of a response out of its stream, through a rented buffer that holds at most one long message.</summary>
internal sealed class ResponseMessageReader<T>(Stream stream, string? encoding, int? limit, Func<DeserializationContext, T> deserializer) : IDisposable
    where T : class
{
    private const int BufferLength = 16 * 1024;

    private readonly PayloadDeserializationContext _context = new();
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
    private int _start;
    private int _end;

    /// <summary>Reads the next message.</summary>
    /// <returns>The message, or null at the end of the stream.</returns>
    public async ValueTask<T?> ReadAsync(CancellationToken cancellationToken)
    {
        T? message;
        while (!TryTake(out message))
        {
            var count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                return _start == _end ? null : throw new RpcException(new Status(StatusCode.Internal, "Incomplete message."));
            }

            _end += count;
        }

        return message;
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    private bool TryTake(out T? message)
    {
        var received = new ReadOnlySequence<byte>(_buffer, _start, _end - _start);
        if (!MessageFrame.TryReadHeader(received, limit, out var isCompressed, out var length))
        {
            message = null;
            EnsureRoom(MessageFrame.HeaderLength);
            return false;
        }

        if (received.Length < MessageFrame.HeaderLength + (long)length)
        {
            message = null;
            EnsureRoom(MessageFrame.HeaderLength + length);
            return false;
        }

        var payload = received.Slice(MessageFrame.HeaderLength, length);
        _start += MessageFrame.HeaderLength + length;
        message = _context.Deserialize(isCompressed ? MessageCompression.Decompress(encoding, payload, limit) : payload, deserializer);
        return true;
    }

    /// <summary>Makes room for more of a message: moves what there is of it to the front, of a longer buffer if need be.</summary>
    private void EnsureRoom(int messageLength)
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }

        if (_start + messageLength <= _buffer.Length && _end < _buffer.Length)
        {
            return;
        }

        var received = _buffer.AsSpan(_start, _end - _start);
        if (messageLength <= _buffer.Length)
        {
            received.CopyTo(_buffer);
        }
        else
        {
            // Grows with what arrives, not with what a header promises.
            var larger = ArrayPool<byte>.Shared.Rent(Math.Min(messageLength, Math.Max(received.Length * 2, BufferLength * 4)));
            received.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        (_start, _end) = (0, received.Length);
    }
}
