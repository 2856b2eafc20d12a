using System.Buffers.Binary;
using System.Net.WebSockets;
using MotionGateway.EdgeRelay.Tests.Published;

namespace MotionGateway.EdgeRelay.Tests.Conformance;

/// <summary>A published client of host mode in binary, or of its variant: one turn, then the close.</summary>
internal sealed class HostBinaryClient : FeedClient
{
    private const int HeaderBytes = 2;

    private readonly PublishedClient _client;
    private readonly bool _isRaw;
    private bool _isAudioOver;

    private HostBinaryClient(PublishedClient client, bool isRaw) => (_client, _isRaw) = (client, isRaw);

    public static async Task<FeedClient> ConnectAsync(SessionUnderTest session, FeedRequest request, bool isRaw)
    {
        string path = $"/d/{request.Token}/host/{(isRaw ? "raw" : "binary")}";
        var client = await PublishedClient.ConnectAsync(((RelaySession)session).Test, path);
        await client.SendAsync(new { action = "start", avatar_id = "avatar", sample_rate = 16000 });
        return new HostBinaryClient(client, isRaw);
    }

    public override void Dispose() => _client.Dispose();

    protected override async Task<IReadOnlyList<FeedEvent>?> ReceiveAsync()
    {
        if (await _client.ReceiveRawAsync() is not { } message)
        {
            EndReason = ReasonOf(_client.CloseCode);
            return null;
        }

        if (_isRaw && message.Type == WebSocketMessageType.Text)
        {
            bool isError = System.Text.Encoding.UTF8.GetString(message.Bytes).Contains("\"error\"", StringComparison.Ordinal);
            return [new(isError ? FeedSign.Failed : FeedSign.Opened)];
        }

        Assert.Equal(WebSocketMessageType.Binary, message.Type);
        return [.. Read(message.Bytes)];
    }

    private IEnumerable<FeedEvent> Read(byte[] message)
    {
        bool isLast = (message[1] & 1) != 0;
        byte[] content = message[HeaderBytes..];
        switch (message[0])
        {
            case 1:
                _isAudioOver = isLast;
                yield return new(FeedSign.Audio) { Data = content };
                break;
            case 2:
                foreach (byte[] envelope in _isRaw ? [content] : Unpack(content))
                {
                    yield return new(FeedSign.Motion) { Data = envelope };
                }

                if (isLast)
                {
                    Assert.True(_isAudioOver, "The last audio is to be marked before the last motion is.");
                    yield return new(FeedSign.TurnComplete);
                }

                break;
            case 3:
                yield return new(FeedSign.Opened);
                break;
            case 4:
                yield return new(FeedSign.Failed);
                break;
        }
    }

    // A count, then a length and an envelope each.
    private static List<byte[]> Unpack(byte[] content)
    {
        List<byte[]> envelopes = [];
        uint count = BinaryPrimitives.ReadUInt32BigEndian(content);
        int at = sizeof(uint);
        for (; count > 0; count--)
        {
            int length = (int)BinaryPrimitives.ReadUInt32BigEndian(content.AsSpan(at));
            envelopes.Add(content.AsSpan(at + sizeof(uint), length).ToArray());
            at += sizeof(uint) + length;
        }

        Assert.Equal(content.Length, at);
        return envelopes;
    }
}
