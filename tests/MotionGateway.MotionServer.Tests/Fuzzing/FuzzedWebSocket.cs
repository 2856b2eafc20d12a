using System.Net.WebSockets;

namespace MotionGateway.MotionServer.Tests.Fuzzing;

/// <summary>A peer in memory: delivers messages in fragments of chance length, then closes or breaks off.</summary>
internal sealed class FuzzedWebSocket(Random random, IEnumerable<(byte[] Bytes, WebSocketMessageType Type)> messages, int? closeCode) : WebSocket
{
    private readonly IEnumerator<(byte[] Bytes, WebSocketMessageType Type)> _messages = messages.GetEnumerator();
    private (byte[] Bytes, WebSocketMessageType Type)? _current;
    private int _sent;
    private WebSocketState _state = WebSocketState.Open;

    public override WebSocketCloseStatus? CloseStatus => _state == WebSocketState.CloseReceived ? (WebSocketCloseStatus?)closeCode : null;

    public override string? CloseStatusDescription => closeCode is null ? null : "the end";

    public override WebSocketState State => _state;

    public override string? SubProtocol => null;

    public override ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_current is null && !_messages.MoveNext())
        {
            if (closeCode is null)
            {
                _state = WebSocketState.Aborted;
                throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely);
            }

            _state = WebSocketState.CloseReceived;
            return new(new ValueWebSocketReceiveResult(0, WebSocketMessageType.Close, true));
        }

        _current ??= _messages.Current;
        (byte[] bytes, WebSocketMessageType type) = _current.Value;
        int count = Math.Min(random.Next(1, 20_000), Math.Min(buffer.Length, bytes.Length - _sent));
        bytes.AsMemory(_sent, count).CopyTo(buffer);
        _sent += count;
        bool isWhole = _sent == bytes.Length;
        if (isWhole)
        {
            (_current, _sent) = (null, 0);
        }

        return new(new ValueWebSocketReceiveResult(count, type, isWhole));
    }

    public override async Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken)
    {
        ValueWebSocketReceiveResult result = await ReceiveAsync(buffer.AsMemory(), cancellationToken);
        return new WebSocketReceiveResult(result.Count, result.MessageType, result.EndOfMessage);
    }

    public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) => Task.CompletedTask;

    public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

    public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Abort() => _state = WebSocketState.Aborted;

    public override void Dispose() => _messages.Dispose();
}
