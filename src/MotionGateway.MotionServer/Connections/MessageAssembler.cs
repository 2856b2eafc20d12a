using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;

namespace MotionGateway.MotionServer;

/// <summary>What came over the WebSocket. A message that is too large is longer than allowed; the rest of it was not read.</summary>
internal enum ReceivedKind
{
    Binary, Text, Close, TooLarge,
}

/// <summary>
/// Reads whole messages from a WebSocket into a pooled buffer, which is rented when one comes. For one reader, which disposes it after its last read.
/// </summary>
internal sealed class MessageAssembler(WebSocket socket, LastBytesStream? received, int maxMessageBytes, ArrayPool<byte> buffers) : IDisposable
{
    private const int UsualBytes = 16 * 1024;

    private byte[]? _buffer;
    private int _length;
    private bool _isDisposed;

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
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        // While nothing comes nothing is held: most of its life a connection waits.
        LetGo();
        while (true)
        {
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

            if (_buffer is null || _length == _buffer.Length)
            {
                Grow();
            }
        }
    }

    /// <summary>Takes the last message out of here, in a rented buffer that is at most about twice as long.</summary>
    /// <returns>The buffer, which is the caller's to return, and the message's length in it.</returns>
    public (byte[] Rented, int Length) Detach()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        bool isTight = _buffer is not null && _length > _buffer.Length / 2;
        byte[] rented = isTight ? _buffer! : buffers.Rent(_length);
        Payload.CopyTo(rented);
        _buffer = isTight ? null : _buffer;
        (int length, _length) = (_length, 0);
        return (rented, length);
    }

    public void Dispose()
    {
        LetGo();
        _isDisposed = true;
    }

    private void LetGo()
    {
        _length = 0;
        if (_buffer is not null)
        {
            buffers.Return(_buffer);
            _buffer = null;
        }
    }

    private void Grow()
    {
        byte[] larger = buffers.Rent(_buffer is null ? UsualBytes : 2 * _buffer.Length);
        Payload.CopyTo(larger);
        if (_buffer is not null)
        {
            buffers.Return(_buffer);
        }

        _buffer = larger;
    }
}
