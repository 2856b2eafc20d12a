using System.Net.WebSockets;
using Google.Protobuf;
using MotionGateway.V1;

namespace MotionGateway.Chaos.Tests.Reading;

/// <summary>A viewer's feed from a relay.</summary>
internal sealed class RelayFeed(Uri uri) : IFeedTransport
{
    private readonly ClientWebSocket _socket = Create();
    private readonly byte[] _buffer = new byte[512 * 1024];
    private FeedFailure? _failure;

    public async Task SendAsync(SubscribeRequest request, CancellationToken cancellationToken)
    {
        try
        {
            if (_socket.State == WebSocketState.None)
            {
                await _socket.ConnectAsync(uri, cancellationToken);
            }

            await _socket.SendAsync(request.ToByteArray(), WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
        }
        catch (Exception exception) when (exception is WebSocketException or InvalidOperationException or IOException)
        {
            // Receiving tells.
        }
    }

    public async Task<SubscribeResponse?> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            int length = 0;
            ValueWebSocketReceiveResult result;
            do
            {
                result = await _socket.ReceiveAsync(_buffer.AsMemory(length), cancellationToken);
                length += result.Count;
            }
            while (!result.EndOfMessage);

            if (result.MessageType == WebSocketMessageType.Close)
            {
                return _failure is null && _socket.CloseStatus == WebSocketCloseStatus.NormalClosure
                    ? null
                    : throw new FeedBrokenException(
                        _failure?.Reason ?? ErrorReason.Unspecified, $"{_socket.CloseStatus} {_socket.CloseStatusDescription} {_failure}");
            }

            var response = SubscribeResponse.Parser.ParseFrom(_buffer.AsSpan(0, length));
            _failure = response.Failure;
            return response;
        }
        catch (Exception exception) when (exception is WebSocketException or InvalidOperationException or InvalidProtocolBufferException or IOException)
        {
            throw new FeedBrokenException(ErrorReason.Unspecified, exception.Message);
        }
    }

    public ValueTask DisposeAsync()
    {
        _socket.Abort();
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private static ClientWebSocket Create()
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("motiongateway.v1");
        return socket;
    }
}
