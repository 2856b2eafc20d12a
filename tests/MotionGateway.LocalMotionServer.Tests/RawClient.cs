using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using Google.Protobuf;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Tests;

/// <summary>One WebSocket connection spoken by hand. Every wait has a limit, so that a test fails instead of hanging.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly ClientWebSocket _socket = new();

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    public string? CloseReason => _socket.CloseStatusDescription;

    public HttpStatusCode UpgradeStatus => _socket.HttpStatusCode;

    public string ConnectionId { get; private set; } = "";

    /// <summary>Fetches a token, connects and configures PCM at the given rate.</summary>
    public static async Task<RawClient> OpenAsync(LocalMotionServer server, string avatarId = "avatar", int sampleRate = 16000, DateTimeOffset? now = null)
    {
        RawClient client = await ConnectAsync(server, avatarId, await TokenAsync(server, now: now));
        Message answer = await client.ConfigureAsync(new ClientConfigureSession { SampleRate = sampleRate });
        client.ConnectionId = answer.ServerConfirmSession.ConnectionId;
        return client;
    }

    public static async Task<RawClient> ConnectAsync(LocalMotionServer server, string avatarId, string token, string appId = "local-app", bool byQuery = false)
    {
        var client = new RawClient();
        client._socket.Options.CollectHttpResponseDetails = true;
        string query = $"?id={Uri.EscapeDataString(avatarId)}";
        if (byQuery)
        {
            query += $"&appId={Uri.EscapeDataString(appId)}&sessionKey={Uri.EscapeDataString(token)}";
        }
        else
        {
            client._socket.Options.SetRequestHeader("X-App-ID", appId);
            client._socket.Options.SetRequestHeader("X-Session-Key", token);
        }

        using var limit = new CancellationTokenSource(TaskTimeoutExtensions.Limit);
        await client._socket.ConnectAsync(new Uri(server.IngressUrl + "/websocket" + query), limit.Token);
        return client;
    }

    public static async Task<string> TokenAsync(LocalMotionServer server, string apiKey = "local-key", DateTimeOffset? now = null)
    {
        using HttpResponseMessage response = await PostTokenAsync(server, apiKey, now: now);
        response.EnsureSuccessStatusCode();
        using JsonDocument body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return body.RootElement.GetProperty("sessionToken").GetString()!;
    }

    public static async Task<HttpResponseMessage> PostTokenAsync(
        LocalMotionServer server, string apiKey = "local-key", string path = "/v1/console/session-tokens", TimeSpan? life = null, DateTimeOffset? now = null, HttpClient? http = null)
    {
        using var own = new HttpClient { Timeout = TaskTimeoutExtensions.Limit };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.BaseAddress, path));
        request.Headers.Add("X-Api-Key", apiKey);
        long expireAt = ((now ?? DateTimeOffset.UtcNow) + (life ?? TimeSpan.FromMinutes(5))).ToUnixTimeSeconds();
        request.Content = JsonContent.Create(new { expireAt });
        return await (http ?? own).SendAsync(request);
    }

    public async Task<Message> ConfigureAsync(ClientConfigureSession configuration)
    {
        await SendAsync(new Message { Type = MessageType.MessageClientConfigureSession, ClientConfigureSession = configuration });
        return await ReceiveAsync() ?? throw new InvalidOperationException("Closed in the handshake.");
    }

    public Task SendAsync(Message message) => SendRawAsync(message.ToByteArray());

    public async Task SendRawAsync(ReadOnlyMemory<byte> bytes, WebSocketMessageType type = WebSocketMessageType.Binary)
    {
        using var limit = new CancellationTokenSource(TaskTimeoutExtensions.Limit);
        await _socket.SendAsync(bytes, type, endOfMessage: true, limit.Token);
    }

    public Task SendAudioAsync(string requestId, ReadOnlyMemory<byte> audio, bool end = false) => SendAsync(new Message
    {
        Type = MessageType.MessageClientAudioInput,
        ClientAudioInput = new ClientAudioInput { ReqId = requestId, Audio = ByteString.CopyFrom(audio.Span), End = end },
    });

    public Task InterruptAsync(string requestId) => SendAsync(new Message
    {
        Type = MessageType.MessageClientInterrupt,
        ClientInterrupt = new ClientInterrupt { ReqId = requestId },
    });

    /// <summary>The next message, or null at the server's close.</summary>
    public async Task<Message?> ReceiveAsync() => await ReceiveRawAsync() is { } bytes ? Message.Parser.ParseFrom(bytes) : null;

    public async Task<byte[]?> ReceiveRawAsync()
    {
        using var limit = new CancellationTokenSource(TaskTimeoutExtensions.Limit);
        using var message = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            WebSocketReceiveResult part = await _socket.ReceiveAsync(buffer, limit.Token);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            message.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
            {
                return message.ToArray();
            }
        }
    }

    /// <summary>The animations up to the one with the end mark.</summary>
    public async Task<List<ServerResponseAnimation>> ReceiveTurnAsync()
    {
        var animations = new List<ServerResponseAnimation>();
        do
        {
            Message message = await ReceiveAsync() ?? throw new InvalidOperationException($"Closed with {CloseStatus} in the turn.");
            animations.Add(message.ServerResponseAnimation ?? throw new InvalidOperationException($"Not an animation: {message}"));
        }
        while (!animations[^1].End);

        return animations;
    }

    public async Task CloseAsync()
    {
        using var limit = new CancellationTokenSource(TaskTimeoutExtensions.Limit);
        await _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", limit.Token);
    }

    public void Dispose() => _socket.Dispose();
}
