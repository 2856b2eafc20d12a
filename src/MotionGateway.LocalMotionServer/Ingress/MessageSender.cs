using System.Net.WebSockets;
using System.Threading.Channels;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using MotionGateway.LocalMotion.Faults;

namespace MotionGateway.LocalMotion.Ingress;

/// <summary>
/// The one writer of a connection: a bounded queue in front of the socket. A message, a close or a cut takes effect after what was
/// queued before it. A message that the network does not take in time ends the writing.
/// </summary>
/// <param name="socket">Takes the messages.</param>
/// <param name="options">Queue and time limits.</param>
/// <param name="logger">Takes what goes wrong.</param>
/// <param name="stream">What the WebSocket writes to, for frames that it would not write; without it a close without a code is a close 1000.</param>
internal sealed class MessageSender(WebSocket socket, LocalMotionServerOptions options, ILogger logger, Stream? stream = null)
{
    // A TCP reset overtakes what is on its way: without a pause it would take the messages before it along.
    private static readonly TimeSpan BeforeCut = TimeSpan.FromMilliseconds(200);

    // FIN and the opcode of a close; no mask, no payload.
    private static readonly byte[] CloseFrameWithoutCode = [0x88, 0x00];

    private readonly Channel<Outbound> _queue = Channel.CreateBounded<Outbound>(
        new BoundedChannelOptions(options.SendQueueMessages) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private enum OutboundKind
    {
        Message,
        Text,
        Frames,
        Close,
        Cut,
    }

    public ValueTask SendAsync(IMessage message, CancellationToken cancellationToken) => SendRawAsync(message.ToByteArray(), cancellationToken);

    /// <summary>Queues a message, waiting for room. After the end of the writing it is dropped.</summary>
    public ValueTask SendRawAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) =>
        EnqueueAsync(new Outbound(OutboundKind.Message, message, default, ""), cancellationToken);

    /// <summary>Queues a text frame, which the protocol does not have.</summary>
    public ValueTask SendTextAsync(ReadOnlyMemory<byte> text, CancellationToken cancellationToken) =>
        EnqueueAsync(new Outbound(OutboundKind.Text, text, default, ""), cancellationToken);

    /// <summary>Queues bytes for the stream below the WebSocket, as they are. Where it is not known they are dropped.</summary>
    public ValueTask SendFramesAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken) =>
        EnqueueAsync(new Outbound(OutboundKind.Frames, frames, default, ""), cancellationToken);

    public ValueTask CloseAsync(WebSocketCloseStatus status, string reason) =>
        EnqueueAsync(new Outbound(OutboundKind.Close, default, status, reason), CancellationToken.None);

    public ValueTask CutAsync() => EnqueueAsync(new Outbound(OutboundKind.Cut, default, default, ""), CancellationToken.None);

    /// <summary>Writes until something closes or cuts the connection; true if it was closed in good order.</summary>
    public async Task<bool> RunAsync()
    {
        try
        {
            while (true)
            {
                Outbound next = await _queue.Reader.ReadAsync();
                using var timeout = new CancellationTokenSource(options.WriteTimeout, options.TimeProvider);
                switch (next.Kind)
                {
                    case OutboundKind.Close:
                        await WriteCloseAsync(next, timeout.Token);
                        return true;
                    case OutboundKind.Cut:
                        // Real time, whatever the clock in the options: it is the network that needs it.
                        await Task.Delay(BeforeCut);
                        return false;
                    case OutboundKind.Frames:
                        await WriteFramesAsync(next.Payload, timeout.Token);
                        break;
                    default:
                        WebSocketMessageType type = next.Kind == OutboundKind.Text ? WebSocketMessageType.Text : WebSocketMessageType.Binary;
                        await socket.SendAsync(next.Payload, type, endOfMessage: true, timeout.Token);
                        break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            IngressLog.WriteTimedOut(logger, options.WriteTimeout);
            return false;
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            IngressLog.WriteFailed(logger, exception.GetType().Name);
            return false;
        }
        finally
        {
            // Whoever waits for room is let go.
            _queue.Writer.TryComplete();
        }
    }

    // WebSocket has no close frame without a code.
    private async ValueTask WriteCloseAsync(Outbound close, CancellationToken cancellationToken)
    {
        if ((int)close.Status != Closes.NoCode)
        {
            await socket.CloseOutputAsync(close.Status, close.Reason, cancellationToken);
        }
        else if (stream is null)
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", cancellationToken);
        }
        else
        {
            await WriteFramesAsync(CloseFrameWithoutCode, cancellationToken);
        }
    }

    // What the WebSocket itself writes, also its keep-alive's frames, are whole frames: these come between them.
    private async ValueTask WriteFramesAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken)
    {
        if (stream is not null)
        {
            await stream.WriteAsync(frames, cancellationToken);
            await stream.FlushAsync(cancellationToken);
        }
    }

    private async ValueTask EnqueueAsync(Outbound outbound, CancellationToken cancellationToken)
    {
        try
        {
            await _queue.Writer.WriteAsync(outbound, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            IngressLog.DroppedAfterEnd(logger);
        }
    }

    private readonly record struct Outbound(OutboundKind Kind, ReadOnlyMemory<byte> Payload, WebSocketCloseStatus Status, string Reason);
}
