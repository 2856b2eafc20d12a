using System.Net.WebSockets;
using MotionGateway.Testing;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>What a viewer's socket costs while nothing comes on it.</summary>
public sealed class WebSocketTransportTests
{
    private const int Small = 4 * 1024;

    [Fact]
    public async Task Receive_AfterALargeMessage_HoldsNoLargeBuffer()
    {
        using var socket = new ScriptedSocket(0, 200 * 1024, 10);
        using var transport = new WebSocketTransport(socket, new ProtobufFormat(), new EdgeRelayOptions());
        transport.Trust();

        Assert.Equal(0, (await transport.ReceiveAsync().AsTask().DefaultTimeout())?.Length);
        var large = await transport.ReceiveAsync().AsTask().DefaultTimeout();
        Assert.Equal(200 * 1024, large?.Length);
        Assert.Equal(ScriptedSocket.ByteAt(150_000), large!.Value.Span[150_000]);
        Assert.Equal(10, (await transport.ReceiveAsync().AsTask().DefaultTimeout())?.Length);
        Assert.Null(await transport.ReceiveAsync().AsTask().DefaultTimeout());

        Assert.All(socket.HeldWhileWaiting, held => Assert.InRange(held, 0, Small));
        Assert.Equal(4, socket.HeldWhileWaiting.Count);
    }

    /// <summary>A socket on which messages of so many bytes come, and then the close.</summary>
    private sealed class ScriptedSocket(params int[] messages) : WebSocket
    {
        private int _message = -1;
        private int _read;

        /// <summary>Bytes of the buffers in which the beginning of a message, or the close, was waited for.</summary>
        public List<int> HeldWhileWaiting { get; } = [];

        public override WebSocketCloseStatus? CloseStatus => null;

        public override string? CloseStatusDescription => null;

        public override WebSocketState State => WebSocketState.Open;

        public override string? SubProtocol => null;

        public static byte ByteAt(int index) => (byte)(index * 31);

        public override ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            if (_message < 0 || _read == messages[_message])
            {
                HeldWhileWaiting.Add(buffer.Length);
                _message++;
                _read = 0;
            }

            if (_message == messages.Length)
            {
                return ValueTask.FromResult(new ValueWebSocketReceiveResult(0, WebSocketMessageType.Close, endOfMessage: true));
            }

            int count = Math.Min(buffer.Length, messages[_message] - _read);
            for (int i = 0; i < count; i++)
            {
                buffer.Span[i] = ByteAt(_read++);
            }

            return ValueTask.FromResult(
                new ValueWebSocketReceiveResult(count, WebSocketMessageType.Binary, endOfMessage: _read == messages[_message]));
        }

        public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public override Task SendAsync(
            ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public override void Abort()
        {
        }

        public override void Dispose()
        {
        }
    }
}
