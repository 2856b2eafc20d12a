using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;

namespace MotionGateway.MotionServer;

/// <summary>What came over the WebSocket. A message that is too large is longer than allowed; the rest of it was not read.</summary>
internal enum ReceivedKind
{
    Binary, Text, Close, TooLarge,
}

/// <summary>Reads whole messages from a WebSocket into one pooled buffer. For one reader, which disposes it after its last read.</summary>
internal sealed class MessageAssembler(WebSocket socket, LastBytesStream? received, int maxMessageBytes, ArrayPool<byte> buffers) : IDisposable
{
    private const int UsualBytes = 16 * 1024;

    private byte[]? _buffer = buffers.Rent(UsualBytes);
    private int _length;

    /// <summary>The last message; valid until the next read.</summary>
    public ReadOnlySpan<byte> Payload => _buffer.AsSpan(0, _length);

    /// <summary>The close frame's code, once it has come; null when it had none.</summary>
    public int? CloseCode => received is { EndsWithEmptyClose: true } && string.IsNullOrEmpty(CloseReason) ? null : (int?)socket.CloseStatus;

    /// <summary>The close frame's text, once it has come.</summary>
    public string? CloseReason => socket.CloseStatusDescription;

    /// <summary>Reads the next message.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ReceivedKind> ReceiveAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_buffer is null, this);
        _length = 0;
        // One large message must not cost its size for the rest of the connection's life.
        if (_buffer.Length > 8 * UsualBytes)
        {
            buffers.Return(_buffer);
            _buffer = buffers.Rent(UsualBytes);
        }

        while (true)
        {
            if (_length == _buffer.Length)
            {
                Grow();
            }

            ValueWebSocketReceiveResult result = await socket.ReceiveAsync(_buffer.AsMemory(_length), cancellationToken).ConfigureAwait(false);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                return ReceivedKind.Close;
            }

            _length += result.Count;
            if (_length > maxMessageBytes)
            {
                return ReceivedKind.TooLarge;
            }

            if (result.EndOfMessage)
            {
                return result.MessageType == WebSocketMessageType.Binary ? ReceivedKind.Binary : ReceivedKind.Text;
            }
        }
    }

    /// <summary>Takes the last message out of here, in a rented buffer that is at most about twice as long.</summary>
    /// <returns>The buffer, which is the caller's to return, and the message's length in it.</returns>
    public (byte[] Rented, int Length) Detach()
    {
        ObjectDisposedException.ThrowIf(_buffer is null, this);
        bool isTight = _length > _buffer.Length / 2;
        byte[] rented = isTight ? _buffer : buffers.Rent(_length);
        Payload.CopyTo(rented);
        _buffer = isTight ? buffers.Rent(UsualBytes) : _buffer;
        (int length, _length) = (_length, 0);
        return (rented, length);
    }

    public void Dispose()
    {
        if (_buffer is not null)
        {
            buffers.Return(_buffer);
            _buffer = null;
        }
    }

    private void Grow()
    {
        byte[] smaller = _buffer!;
        _buffer = buffers.Rent(smaller.Length * 2);
        smaller.CopyTo(_buffer, 0);
        buffers.Return(smaller);
    }
}
