using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>A viewer's WebSocket.</summary>
/// <remarks>Nothing is ever cancelled, which would abort the socket before the viewer has learnt why; see <see cref="Abort"/>.</remarks>
internal sealed class WebSocketTransport(WebSocket socket, IFeedFormat format, EdgeRelayOptions options) : IViewerTransport
{
    private const int InitialBufferBytes = 1024;

    // Rented from a message's beginning until the next is asked for: of many viewers few send anything at a time.
    private byte[]? _buffer;
    private volatile int _maxMessageBytes = Math.Min(options.MaxMessageBytes, EdgeRelayOptions.MaxStartBytes);
    private bool _isDisposed;

    public void Trust() => _maxMessageBytes = options.MaxMessageBytes;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync()
    {
        ReturnBuffer();
        int length = 0;
        try
        {
            while (true)
            {
                var received = await socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    return null;
                }

                length += received.Count;
                Check(received.MessageType, length);
                if (received.EndOfMessage)
                {
                    return _buffer.AsMemory(0, length);
                }

                GrowWhenFull(length);
            }
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            return null;
        }
    }

    public async Task DrainAsync()
    {
        try
        {
            _buffer ??= ArrayPool<byte>.Shared.Rent(InitialBufferBytes);
            while ((await socket.ReceiveAsync(_buffer.AsMemory(), CancellationToken.None)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            // The viewer is gone, which is what was waited for.
            socket.Abort();
        }
    }

    public async ValueTask<bool> TrySendAsync(ReadOnlyMemory<byte> message)
    {
        try
        {
            var type = format.IsText(message.Span) ? WebSocketMessageType.Text : WebSocketMessageType.Binary;
            await socket.SendAsync(message, type, WebSocketMessageFlags.EndOfMessage, CancellationToken.None);
            return true;
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            return false;
        }
    }

    public async Task CloseAsync(ErrorReason reason)
    {
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                string text = reason == ErrorReason.Unspecified ? "" : ErrorTable.GetName(reason);
                await socket.CloseOutputAsync((WebSocketCloseStatus)ErrorTable.Get(reason).CloseCode, text, CancellationToken.None);
            }
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            socket.Abort();
        }
    }

    public void Abort() => socket.Abort();

    /// <summary>To be called when nothing is being received or sent.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            ReturnBuffer();
            socket.Dispose();
        }
    }

    private static bool IsLoss(Exception exception) =>
        exception is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException or InvalidOperationException;

    private void Check(WebSocketMessageType type, int length)
    {
        if (!format.Takes(type == WebSocketMessageType.Text))
        {
            throw new GatewayException(
                ErrorReason.MalformedRequest, $"The subprotocol {format.Name} has no {type.ToString().ToLowerInvariant()} messages.");
        }

        if (length > _maxMessageBytes)
        {
            throw new GatewayException(ErrorReason.MalformedRequest, $"A message has at most {_maxMessageBytes} bytes here.");
        }
    }

    // The first time something has come, without a buffer to take it.
    private void GrowWhenFull(int length)
    {
        if (length == (_buffer?.Length ?? 0))
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(length * 2, InitialBufferBytes));
            _buffer.AsSpan(0, length).CopyTo(larger);
            ReturnBuffer();
            _buffer = larger;
        }
    }

    private void ReturnBuffer()
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
