using System.Net.WebSockets;

namespace MotionGateway.LocalMotion.Ingress;

internal enum ReceivedKind
{
    Binary,
    Text,
    TooLong,
    Closed,
}

/// <param name="Kind">What came.</param>
/// <param name="Payload">Its bytes; valid until the next receive.</param>
internal readonly record struct ReceivedMessage(ReceivedKind Kind, ReadOnlyMemory<byte> Payload);

/// <summary>Puts fragments together into messages of at most <see cref="MaxMessageBytes"/>.</summary>
internal sealed class MessageReceiver(WebSocket socket)
{
    /// <summary>A client may send a whole clip in one message.</summary>
    public const int MaxMessageBytes = 8 * 1024 * 1024;

    private const int UsualBytes = 64 * 1024;

    private byte[] _buffer = new byte[UsualBytes];

    public async ValueTask<ReceivedMessage> ReceiveAsync()
    {
        int length = 0;
        // What one clip took is not held for the rest of the session.
        _buffer = _buffer.Length > UsualBytes ? new byte[UsualBytes] : _buffer;
        while (true)
        {
            ValueWebSocketReceiveResult part;
            try
            {
                // Never cancelled: cancelling a receive aborts the socket, and then nothing could be said any more.
                part = await socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None);
            }
            catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
            {
                return new ReceivedMessage(ReceivedKind.Closed, default);
            }

            length += part.Count;
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return new ReceivedMessage(ReceivedKind.Closed, default);
            }

            if (length > MaxMessageBytes)
            {
                return new ReceivedMessage(ReceivedKind.TooLong, default);
            }

            if (part.EndOfMessage)
            {
                ReceivedKind kind = part.MessageType == WebSocketMessageType.Binary ? ReceivedKind.Binary : ReceivedKind.Text;
                return new ReceivedMessage(kind, _buffer.AsMemory(0, length));
            }

            if (length == _buffer.Length)
            {
                Array.Resize(ref _buffer, Math.Min(_buffer.Length * 2, MaxMessageBytes + 1));
            }
        }
    }
}
