using System.Buffers;
using System.Net.WebSockets;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// A viewer's WebSocket: whole messages in, whole messages out, bounded in size and time. One loop receives, one sends.
/// </summary>
/// <remarks>Neither is ever cancelled, which would abort the socket before the viewer has learnt why; see <see cref="Abort"/>.</remarks>
internal sealed class ViewerSocket(WebSocket socket, FeedEncoding encoding, EdgeRelayOptions options, TimeProvider timeProvider) : IDisposable
{
    private const int InitialBufferBytes = 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(InitialBufferBytes);
    private long _sendingSince;
    private bool _isDisposed;

    /// <summary>Whether a send has taken longer than a viewer may take to accept a message.</summary>
    public bool IsSendOverdue =>
        Volatile.Read(ref _sendingSince) is > 0 and var since && timeProvider.GetElapsedTime(since) > options.WriteTimeout;

    /// <summary>When a message was sent last.</summary>
    public long SentAt { get; private set; } = timeProvider.GetTimestamp();

    /// <summary>Receives a whole message, good until the next call.</summary>
    /// <returns>Null when the viewer has closed the socket or is gone.</returns>
    /// <exception cref="GatewayException">The message is of the wrong type or too large; it has not been read to its end.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync()
    {
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

    /// <summary>Reads on to the viewer's close and throws away what comes before it.</summary>
    public async Task DrainAsync()
    {
        try
        {
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

    /// <returns>False when the viewer is gone.</returns>
    public async ValueTask<bool> TrySendAsync(ReadOnlyMemory<byte> message)
    {
        Volatile.Write(ref _sendingSince, timeProvider.GetTimestamp());
        try
        {
            await socket.SendAsync(message, encoding.MessageType, WebSocketMessageFlags.EndOfMessage, CancellationToken.None);
            SentAt = timeProvider.GetTimestamp();
            return true;
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            return false;
        }
        finally
        {
            Volatile.Write(ref _sendingSince, 0);
        }
    }

    /// <summary>Sends the close that ends the feed.</summary>
    /// <param name="reason">Why; unspecified for a normal end.</param>
    public async Task CloseAsync(ErrorReason reason)
    {
        Volatile.Write(ref _sendingSince, timeProvider.GetTimestamp());
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
        finally
        {
            Volatile.Write(ref _sendingSince, 0);
        }
    }

    /// <summary>Drops the connection: whatever waits for the viewer ends.</summary>
    public void Abort() => socket.Abort();

    /// <summary>To be called when both loops have ended.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            ArrayPool<byte>.Shared.Return(_buffer);
            socket.Dispose();
        }
    }

    private static bool IsLoss(Exception exception) =>
        exception is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException or InvalidOperationException;

    private void Check(WebSocketMessageType type, int length)
    {
        if (type != encoding.MessageType)
        {
            throw new GatewayException(
                ErrorReason.MalformedRequest, $"The subprotocol {encoding.Subprotocol} has no {type.ToString().ToLowerInvariant()} messages.");
        }

        if (length > options.MaxMessageBytes)
        {
            throw new GatewayException(ErrorReason.MalformedRequest, $"A message has at most {options.MaxMessageBytes} bytes.");
        }
    }

    private void GrowWhenFull(int length)
    {
        if (length == _buffer.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(length * 2);
            _buffer.CopyTo(larger, 0);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
    }
}
