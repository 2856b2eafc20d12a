using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text.Json;
using Google.Protobuf;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.Benchmarks;

/// <summary>A WebSocket to the Motion Server and its generated messages: no checks, no time limits, no telemetry.</summary>
internal sealed class BareMotionConnection : IDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly Message _audio = new() { Type = MessageType.MessageClientAudioInput, ClientAudioInput = new ClientAudioInput() };
    private byte[] _outgoing = new byte[4 * 1024];
    private byte[] _incoming = new byte[16 * 1024];

    public static async Task<BareMotionConnection> OpenAsync(HttpClient http, int port)
    {
        var connection = new BareMotionConnection();
        var options = connection._socket.Options;
        options.KeepAliveInterval = Timeout.InfiniteTimeSpan;
        options.SetRequestHeader("X-App-ID", "local-app");
        options.SetRequestHeader("X-Session-Key", await FetchTokenAsync(http, port));
        await connection._socket.ConnectAsync(new Uri($"ws://127.0.0.1:{port}/v2/driveningress/websocket?id=benchmark"), CancellationToken.None);
        await connection.SendAsync(new Message
        {
            Type = MessageType.MessageClientConfigureSession,
            ClientConfigureSession = new ClientConfigureSession { SampleRate = Conversation.SampleRate },
        });
        await connection.ReceiveAsync();
        return connection;
    }

    public ValueTask SendAudioAsync(string requestId, ByteString audio, bool isLast)
    {
        (_audio.ClientAudioInput.ReqId, _audio.ClientAudioInput.Audio, _audio.ClientAudioInput.End) = (requestId, audio, isLast);
        return SendAsync(_audio);
    }

    /// <summary>Waits for a message.</summary>
    /// <returns>The message, until the next call; empty at the end.</returns>
    public async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync()
    {
        int length = 0;
        while (true)
        {
            var part = await _socket.ReceiveAsync(_incoming.AsMemory(length), CancellationToken.None);
            length += part.Count;
            if (part.EndOfMessage)
            {
                return _incoming.AsMemory(0, part.MessageType == WebSocketMessageType.Close ? 0 : length);
            }

            if (length == _incoming.Length)
            {
                Array.Resize(ref _incoming, 2 * length);
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private static async Task<string> FetchTokenAsync(HttpClient http, int port)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"http://127.0.0.1:{port}/v1/console/session-tokens"));
        request.Headers.Add("X-Api-Key", "local-key");
        string body = $$"""{"expireAt":{{DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds()}}}""";
        request.Content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
        using var response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        using var answer = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        return answer.RootElement.GetProperty("sessionToken").GetString()!;
    }

    private ValueTask SendAsync(Message message)
    {
        int length = message.CalculateSize();
        if (length > _outgoing.Length)
        {
            _outgoing = new byte[length];
        }

        var bytes = _outgoing.AsMemory(0, length);
        message.WriteTo(bytes.Span);
        return _socket.SendAsync(bytes, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
    }
}
