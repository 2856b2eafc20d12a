using System.Net.WebSockets;
using Google.Protobuf;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Benchmarks;

/// <summary>A viewer at the relay that acknowledges what it reads. Payloads are read in place: the load must not be the measure.</summary>
internal sealed class Viewer : IAsyncDisposable
{
    /// <summary>Bytes that are acknowledged together: a quarter of the relay's window, like the web client's.</summary>
    public const int AcknowledgeEvery = 32 * 1024;

    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly byte[] _buffer = new byte[512 * 1024];
    private Task _reading = Task.CompletedTask;
    private int _unacknowledged;

    /// <summary>A payload has come, in a message of so many bytes.</summary>
    public delegate void OnPayload(in PayloadHeader payload, int messageBytes);

    public static async Task<Viewer> StartAsync(Uri relay, string sessionId, string token, OnPayload onPayload)
    {
        var viewer = new Viewer();
        viewer._socket.Options.AddSubProtocol("motiongateway.v1");
        await viewer._socket.ConnectAsync(new Uri(relay, $"/v1/sessions/{sessionId}/feed"), CancellationToken.None);
        await viewer.SendAsync(new SubscribeRequest { Start = new StartFeed { SessionId = sessionId, ViewerToken = token } });
        await viewer.ReceiveAsync();
        viewer._reading = viewer.ReadAsync(onPayload);
        return viewer;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _reading;
        _socket.Dispose();
        _stopping.Dispose();
    }

    private async Task ReadAsync(OnPayload onPayload)
    {
        try
        {
            while (await ReceiveAsync() is var length and > 0)
            {
                if (Read(length, onPayload) is { } position)
                {
                    await SendAsync(new SubscribeRequest { Acknowledge = new AcknowledgePayloads { Position = position } });
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException)
        {
            // The scenario is over, or the feed is: what is missing is seen in the counts.
        }
    }

    private Position? Read(int length, OnPayload onPayload)
    {
        if (!PayloadHeader.TryRead(_buffer.AsSpan(0, length), out var payload))
        {
            return null;
        }

        onPayload(payload, length);
        _unacknowledged += length;
        if (_unacknowledged < AcknowledgeEvery)
        {
            return null;
        }

        _unacknowledged = 0;
        return new Position { Epoch = payload.Epoch, Sequence = payload.Sequence };
    }

    private async Task<int> ReceiveAsync()
    {
        int length = 0;
        while (true)
        {
            var part = await _socket.ReceiveAsync(_buffer.AsMemory(length), _stopping.Token);
            length += part.Count;
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return 0;
            }

            if (part.EndOfMessage)
            {
                return length;
            }
        }
    }

    private ValueTask SendAsync(SubscribeRequest request) =>
        _socket.SendAsync(request.ToByteArray().AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, _stopping.Token);
}
