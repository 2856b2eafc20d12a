using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;

namespace MotionGateway.MotionServer;

/// <summary>Reads whole messages from a WebSocket into one pooled buffer. For one reader, which disposes it after its last read.</summary>
/// <param name="socket">The WebSocket.</param>
/// <param name="received">The bytes that it reads; null where a close frame's own bytes do not matter.</param>
/// <param name="maxMessageBytes">A message's most bytes.</param>
/// <param name="buffers">Where buffers are rented.</param>
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
    /// <param name="cancellationToken">Aborts the WebSocket.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ReceivedKind> ReceiveAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_buffer is null, this);
        _length = 0;
        Shrink();
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
        byte[] detached;
        if (_length > _buffer.Length / 2)
        {
            detached = _buffer;
            _buffer = buffers.Rent(UsualBytes);
        }
        else
        {
            detached = buffers.Rent(_length);
            Payload.CopyTo(detached);
        }

        int length = _length;
        _length = 0;
        return (detached, length);
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
        byte[] larger = buffers.Rent(_buffer!.Length * 2);
        _buffer.CopyTo(larger, 0);
        buffers.Return(_buffer);
        _buffer = larger;
    }

    // One large message must not cost its size for the rest of the connection's life.
    private void Shrink()
    {
        if (_buffer!.Length > 8 * UsualBytes)
        {
            buffers.Return(_buffer);
            _buffer = buffers.Rent(UsualBytes);
        }
    }
}
