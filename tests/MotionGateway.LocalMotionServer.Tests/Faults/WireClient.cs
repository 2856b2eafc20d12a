using System.Buffers.Binary;
using System.Net.Sockets;
using Google.Protobuf;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Tests.Faults;

/// <summary>One WebSocket frame as it came.</summary>
internal sealed record WireFrame(bool Fin, int Rsv, int Opcode, bool Masked, byte[] Payload);

/// <summary>A client that knows no WebSocket library: it sends and reads frames byte by byte, so that it sees what a library would hide.</summary>
internal sealed class WireClient : IDisposable
{
    private readonly TcpClient _tcp = new();
    private readonly CancellationTokenSource _limit = new(TaskTimeoutExtensions.Limit);
    private NetworkStream _stream = null!;

    /// <summary>How long to wait for the rest of a frame that has begun.</summary>
    public TimeSpan Patience { get; set; } = TaskTimeoutExtensions.Limit;

    public static async Task<WireClient> OpenAsync(LocalMotionServer server, string avatarId)
    {
        string token = await RawClient.TokenAsync(server);
        var client = new WireClient();
        await client._tcp.ConnectAsync(server.BaseAddress.Host, server.BaseAddress.Port, client._limit.Token);
        client._stream = client._tcp.GetStream();
        await client._stream.WriteAsync(RawUpgrade.Request(server, avatarId, token), client._limit.Token);
        await RawUpgrade.ReadHeadAsync(client._stream, client._limit.Token);
        return client;
    }

    public Task SendAsync(Message message) => SendFrameAsync(0x82, message.ToByteArray());

    public Task SendAudioAsync(string requestId, ReadOnlyMemory<byte> audio, bool end) => SendAsync(new Message
    {
        Type = MessageType.MessageClientAudioInput,
        ClientAudioInput = new ClientAudioInput { ReqId = requestId, Audio = ByteString.CopyFrom(audio.Span), End = end },
    });

    public Task PingAsync(byte[] payload) => SendFrameAsync(0x89, payload);

    /// <summary>The next frame; null when the connection is cut. What stops half way is an <see cref="EndOfStreamException"/>.</summary>
    public async Task<WireFrame?> ReadFrameAsync()
    {
        byte[] start = new byte[2];
        try
        {
            if (await _stream.ReadAsync(start.AsMemory(0, 1), _limit.Token) == 0)
            {
                return null;
            }

            await ReadAsync(start.AsMemory(1));
            byte[] length = new byte[(start[1] & 0x7F) switch { 126 => 2, 127 => 8, _ => 0 }];
            await ReadAsync(length);
            int bytes = length.Length switch
            {
                2 => BinaryPrimitives.ReadUInt16BigEndian(length),
                8 => checked((int)BinaryPrimitives.ReadUInt64BigEndian(length)),
                _ => start[1] & 0x7F,
            };
            bool masked = (start[1] & 0x80) != 0;
            byte[] key = new byte[masked ? 4 : 0];
            await ReadAsync(key);
            byte[] payload = await ReadPayloadAsync(bytes);
            return new WireFrame((start[0] & 0x80) != 0, (start[0] >> 4) & 7, start[0] & 15, masked, masked ? [.. payload.Select((value, i) => (byte)(value ^ key[i % 4]))] : payload);
        }
        catch (IOException exception) when (exception is not EndOfStreamException)
        {
            // A reset.
            return null;
        }
    }

    public void Dispose()
    {
        _tcp.Dispose();
        _limit.Dispose();
    }

    /// <summary>Reads what is announced, or as much of it as comes before the connection is cut or silent.</summary>
    private async Task<byte[]> ReadPayloadAsync(int bytes)
    {
        byte[] payload = new byte[bytes];
        int read = 0;
        using var quiet = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token);
        while (read < bytes)
        {
            if (read > 0)
            {
                quiet.CancelAfter(Patience);
            }

            int more;
            try
            {
                more = await _stream.ReadAsync(payload.AsMemory(read), quiet.Token);
            }
            catch (OperationCanceledException) when (read > 0)
            {
                throw new EndOfStreamException($"silent after {read} of {bytes} bytes");
            }
            catch (IOException) when (read > 0)
            {
                more = 0;
            }

            read += more;
            if (more == 0)
            {
                throw new EndOfStreamException($"cut after {read} of {bytes} bytes");
            }
        }

        return payload;
    }

    private async Task ReadAsync(Memory<byte> bytes) => await _stream.ReadExactlyAsync(bytes, _limit.Token);

    private async Task SendFrameAsync(byte first, byte[] payload)
    {
        byte[] header = payload.Length switch { < 126 => [first, (byte)(0x80 | payload.Length)], <= ushort.MaxValue => [first, 0xFE, 0, 0], _ => [first, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0] };
        if (header.Length == 4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)payload.Length);
        }
        else if (header.Length == 10)
        {
            BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(2), (ulong)payload.Length);
        }

        // A key of zeros masks nothing, and is as good as any.
        await _stream.WriteAsync((byte[])[.. header, 0, 0, 0, 0, .. payload], _limit.Token);
    }
}
