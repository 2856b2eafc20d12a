using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using MotionGateway.Testing;

namespace MotionGateway.EdgeRelay.Tests.Published;

/// <summary>A published client's socket: it sends no header and no subprotocol, only messages.</summary>
internal sealed class PublishedClient : IDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[1024 * 1024];

    public int? CloseCode => (int?)_socket.CloseStatus;

    /// <summary>Text messages received, in order.</summary>
    public List<JsonElement> Received { get; } = [];

    public static async Task<PublishedClient> ConnectAsync(RelayUnderTest test, string path)
    {
        var client = new PublishedClient();
        var address = new Uri(test.Address.Replace("http", "ws", StringComparison.Ordinal) + path);
        await client._socket.ConnectAsync(address, CancellationToken.None).DefaultTimeout();
        return client;
    }

    public Task SendAsync(object message) => SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text);

    public Task SendAsync(byte[] message, WebSocketMessageType type) =>
        _socket.SendAsync(message, type, endOfMessage: true, CancellationToken.None).DefaultTimeout();

    /// <summary>Receives one message; null when the relay has closed.</summary>
    public async Task<(WebSocketMessageType Type, byte[] Bytes)?> ReceiveRawAsync()
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
            await CloseUnlessGoneAsync();
            return null;
        }

        return (result.MessageType, _buffer[..length]);
    }

    /// <summary>Receives one text message; null when the relay has closed.</summary>
    public async Task<JsonElement?> ReceiveAsync()
    {
        if (await ReceiveRawAsync() is not { } message)
        {
            return null;
        }

        Assert.Equal(WebSocketMessageType.Text, message.Type);
        using var document = JsonDocument.Parse(Encoding.UTF8.GetString(message.Bytes));
        Received.Add(document.RootElement.Clone());
        return Received[^1];
    }

    public async Task<JsonElement> ReceiveUntilAsync(Func<JsonElement, bool> condition)
    {
        while (await ReceiveAsync() is { } message)
        {
            if (condition(message))
            {
                return message;
            }
        }

        throw new InvalidOperationException($"The relay closed: {CloseCode}");
    }

    public Task<JsonElement> ReceiveTypeAsync(string type) => ReceiveUntilAsync(message => TypeOf(message) == type);

    public async Task<List<JsonElement>> ReceiveToEndAsync()
    {
        List<JsonElement> rest = [];
        while (await ReceiveAsync() is { } message)
        {
            rest.Add(message);
        }

        return rest;
    }

    public static string TypeOf(JsonElement message) => message.GetProperty("type").GetString()!;

    public void Dispose() => _socket.Dispose();

    // A relay that has closed waits for its viewer's answer only so long.
    private async Task CloseUnlessGoneAsync()
    {
        try
        {
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }
        catch (WebSocketException)
        {
            // What it said has been received.
        }
    }
}
