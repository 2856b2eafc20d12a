using System.Net.WebSockets;
using System.Threading.Channels;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace MotionGateway.LocalMotion.Ingress;

/// <summary>
/// The one writer of a connection: a bounded queue in front of the socket. A message, a close or a cut takes effect after what was
/// queued before it. A message that the network does not take in time ends the writing.
/// </summary>
internal sealed class MessageSender(WebSocket socket, LocalMotionServerOptions options, ILogger logger)
{
    // A TCP reset overtakes what is on its way: without a pause it would take the messages before it along.
    private static readonly TimeSpan BeforeCut = TimeSpan.FromMilliseconds(200);

    private readonly Channel<Outbound> _queue = Channel.CreateBounded<Outbound>(
        new BoundedChannelOptions(options.SendQueueMessages) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private enum OutboundKind
    {
        Message,
        Text,
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
                    case OutboundKind.Message:
                        await socket.SendAsync(next.Payload, WebSocketMessageType.Binary, endOfMessage: true, timeout.Token);
                        break;
                    case OutboundKind.Text:
                        await socket.SendAsync(next.Payload, WebSocketMessageType.Text, endOfMessage: true, timeout.Token);
                        break;
                    case OutboundKind.Close:
                        await socket.CloseOutputAsync(next.Status, next.Reason, timeout.Token);
                        return true;
                    default:
                        // Real time, whatever the clock in the options: it is the network that needs it.
                        await Task.Delay(BeforeCut);
                        return false;
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
