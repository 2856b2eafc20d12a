using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using Google.Protobuf;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>A viewer on a real WebSocket, step by step.</summary>
internal sealed class TestViewer : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    private readonly ClientWebSocket _socket = new();
    private readonly bool _json;
    private readonly byte[] _buffer = new byte[1024 * 1024];

    private TestViewer(bool json, bool acknowledge)
    {
        _json = json;
        Acknowledges = acknowledge;
        _socket.Options.AddSubProtocol(json ? "motiongateway.v1+json" : "motiongateway.v1");
    }

    /// <summary>Whether each payload is acknowledged when it is received.</summary>
    public bool Acknowledges { get; set; }

    /// <summary>All that has been received, in order.</summary>
    public List<SubscribeResponse> Received { get; } = [];

    /// <summary>Bytes of the messages received.</summary>
    public List<byte[]> Raw { get; } = [];

    public IEnumerable<Payload> Payloads => Received.Where(response => response.Payload is not null).Select(response => response.Payload);

    public FeedStarted Started => Received.Single(response => response.Started is not null).Started;

    public int? CloseCode => (int?)_socket.CloseStatus;

    public string? CloseText => _socket.CloseStatusDescription;

    /// <summary>Connects a viewer.</summary>
    /// <param name="uri">The feed.</param>
    /// <param name="json">Whether messages are text.</param>
    /// <param name="acknowledge">Whether each payload is acknowledged.</param>
    /// <param name="http">What makes the connection; null for one by HTTP/1.1 without settings.</param>
    /// <param name="isHttp2">Whether it makes one by HTTP/2.</param>
    public static async Task<TestViewer> ConnectAsync(
        Uri uri, bool json, bool acknowledge, HttpMessageInvoker? http = null, bool isHttp2 = true)
    {
        var viewer = new TestViewer(json, acknowledge);
        if (http is not null && isHttp2)
        {
            viewer._socket.Options.HttpVersion = HttpVersion.Version20;
            viewer._socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        }

        await viewer._socket.ConnectAsync(uri, http, CancellationToken.None).DefaultTimeout();
        return viewer;
    }

    public Task StartAsync(Action<StartFeed>? configure = null)
    {
        var start = new StartFeed();
        configure?.Invoke(start);
        return SendAsync(new SubscribeRequest { Start = start });
    }

    public Task SendAsync(SubscribeRequest request) => _json
        ? SendRawAsync(Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(request)), WebSocketMessageType.Text)
        : SendRawAsync(request.ToByteArray(), WebSocketMessageType.Binary);

    public Task SendRawAsync(byte[] message, WebSocketMessageType type) =>
        _socket.SendAsync(message, type, endOfMessage: true, CancellationToken.None).DefaultTimeout();

    public Task AcknowledgeAsync(uint epoch, long sequence) => SendAsync(new SubscribeRequest
    {
        Acknowledge = new AcknowledgePayloads { Position = new Position { Epoch = epoch, Sequence = sequence } },
    });

    /// <summary>Receives one message; null when the relay has closed.</summary>
    public async Task<SubscribeResponse?> ReceiveAsync()
    {
        int length = 0;
        ValueWebSocketReceiveResult result;
        do
        {
            result = await _socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None).AsTask().DefaultTimeout();
            length += result.Count;
        }
        while (!result.EndOfMessage);

        if (result.MessageType == WebSocketMessageType.Close)
        {
            await UnlessGoneAsync(_socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None));
            return null;
        }

        byte[] message = _buffer[..length];
        Raw.Add(message);
        var response = _json
            ? JsonParser.Default.Parse<SubscribeResponse>(Encoding.UTF8.GetString(message))
            : SubscribeResponse.Parser.ParseFrom(message);
        Received.Add(response);
        if (Acknowledges && response.Payload is { } payload)
        {
            await UnlessGoneAsync(AcknowledgeAsync(payload.Epoch, payload.Sequence));
        }

        return response;
    }

    // A relay that has closed waits for its viewer's answer only so long; what it said can still be received.
    private static async Task UnlessGoneAsync(Task sending)
    {
        try
        {
            await sending;
        }
        catch (WebSocketException)
        {
            // Receiving tells what became of the connection.
        }
    }

    /// <summary>Receives until a message matches.</summary>
    public async Task<SubscribeResponse> ReceiveUntilAsync(Func<SubscribeResponse, bool> condition)
    {
        // Of a feed that has nothing to tell heartbeats go on.
        long begun = Stopwatch.GetTimestamp();
        while (await ReceiveAsync() is { } response)
        {
            Assert.True(Stopwatch.GetElapsedTime(begun) < Longest, $"Not told within {Longest.TotalSeconds} s, but: {Received[^1]}");
            if (condition(response))
            {
                return response;
            }

            Assert.True(response.Failure is null, $"The feed failed: {response.Failure}");
        }

        throw new InvalidOperationException($"The relay closed: {CloseCode} {CloseText}");
    }

    public Task<SubscribeResponse> ReceiveThroughAsync(long sequence) =>
        ReceiveUntilAsync(response => response.Payload?.Sequence >= sequence || response.Skipped?.Range.Through >= sequence);

    /// <summary>Receives to the close and answers the failure that came last.</summary>
    public async Task<FeedFailure?> ReceiveToEndAsync()
    {
        while (await ReceiveAsync() is not null)
        {
        }

        return Received.LastOrDefault()?.Failure;
    }

    /// <summary>Fails unless every sequence after the start was received once, in order, or declared.</summary>
    public void AssertContiguous()
    {
        long last = Started.Position.Sequence;
        foreach (var response in Received)
        {
            if (response.Skipped is { } skipped)
            {
                Assert.Equal(last + 1, skipped.Range.From);
                last = skipped.Range.Through;
            }
            else if (response.Payload is { } payload)
            {
                if (payload.Sequence != last + 1)
                {
                    var discarded = payload.TurnEnded?.Discarded;
                    Assert.True(
                        discarded is not null && discarded.From <= last + 1 && discarded.Through >= payload.Sequence - 1,
                        $"Nothing declares what is between {last} and {payload.Sequence}.");
                }

                Assert.True(payload.Sequence > last, $"Sequence {payload.Sequence} came after {last}.");
                last = payload.Sequence;
            }
        }
    }

    public Task CloseAsync() => _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).DefaultTimeout();

    public void Dispose() => _socket.Dispose();
}
