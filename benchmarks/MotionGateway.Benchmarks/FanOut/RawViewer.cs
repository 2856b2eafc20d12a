using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Benchmarks;

/// <summary>
/// A viewer as cheap as it can be, so that thousands of them are not what is measured: a socket, the frames read in place, and
/// acknowledgements where they are wanted.
/// </summary>
internal sealed class RawViewer : IAsyncDisposable
{
    private const int BufferBytes = 24 * 1024;
    private const byte FinalBinary = 0x82;
    private const byte FinalPong = 0x8A;
    private const byte Ping = 9;
    private const byte MaskBit = 0x80;
    private static readonly byte[] EndOfHead = "\r\n\r\n"u8.ToArray();

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly OnPayload _onPayload;
    private readonly bool _acknowledges;
    private int _length;
    private int _unacknowledged;
    private Task _reading = Task.CompletedTask;

    private RawViewer(OnPayload onPayload, bool acknowledges)
    {
        _onPayload = onPayload;
        _acknowledges = acknowledges;
    }

    /// <summary>A payload has come, in a message of so many bytes.</summary>
    public delegate void OnPayload(long sequence, int messageBytes);

    /// <summary>Connects, and reads from then on.</summary>
    /// <param name="port">Port on this machine.</param>
    /// <param name="path">Path of the WebSocket.</param>
    /// <param name="start">The first message to send; null for none, and then nothing is acknowledged.</param>
    /// <param name="onPayload">Is called for each payload.</param>
    /// <param name="ahead">Bytes by which the first acknowledgement is early: so viewers are that did not all come at the same time.</param>
    public static async Task<RawViewer> ConnectAsync(int port, string path, SubscribeRequest? start, OnPayload onPayload, int ahead = 0)
    {
        var viewer = new RawViewer(onPayload, acknowledges: start is not null) { _unacknowledged = ahead };
        await viewer._socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
        string head = $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: motiongateway.v1\r\n\r\n";
        await viewer._socket.SendAsync(Encoding.ASCII.GetBytes(head));
        await viewer.ReadHeadAsync();
        if (start is not null)
        {
            await viewer.SendAsync(FinalBinary, start.ToByteArray());
        }

        viewer._reading = viewer.ReadAsync();
        return viewer;
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _reading;
    }

    private async Task ReadHeadAsync()
    {
        int end;
        while ((end = _buffer.AsSpan(0, _length).IndexOf(EndOfHead)) < 0)
        {
            int read = await _socket.ReceiveAsync(_buffer.AsMemory(_length));
            _length = read > 0 ? _length + read : throw new InvalidOperationException("The server closed the connection.");
        }

        if (!_buffer.AsSpan(0, _length).StartsWith("HTTP/1.1 101"u8))
        {
            throw new InvalidOperationException(Encoding.ASCII.GetString(_buffer, 0, end));
        }

        Drop(end + EndOfHead.Length);
    }

    private async Task ReadAsync()
    {
        try
        {
            do
            {
                if (TakeFrames(out bool isPinged) is { } position)
                {
                    var request = new SubscribeRequest { Acknowledge = new AcknowledgePayloads { Position = position } };
                    await SendAsync(FinalBinary, request.ToByteArray());
                }

                if (isPinged)
                {
                    await SendAsync(FinalPong, []);
                }

                int read = await _socket.ReceiveAsync(_buffer.AsMemory(_length));
                if (read == 0)
                {
                    return;
                }

                _length += read;
            }
            while (true);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The scenario is over, or the server has ended: what is missing is seen in the counts.
        }
    }

    // A server's frames are not masked, and hold whole messages here.
    private Position? TakeFrames(out bool isPinged)
    {
        isPinged = false;
        int at = 0;
        long last = 0;
        while (_length - at >= 2)
        {
            var frame = _buffer.AsSpan(at, _length - at);
            int head = frame[1] switch { 126 => 4, 127 => 10, _ => 2 };
            if (frame.Length < head)
            {
                break;
            }

            int size = head switch
            {
                4 => BinaryPrimitives.ReadUInt16BigEndian(frame[2..]),
                10 => (int)BinaryPrimitives.ReadUInt64BigEndian(frame[2..]),
                _ => frame[1],
            };
            if (frame.Length < head + size)
            {
                break;
            }

            isPinged |= (frame[0] & 0xF) == Ping;
            if (PayloadHeader.TryRead(frame.Slice(head, size), out var payload))
            {
                last = payload.Sequence;
                _unacknowledged += size;
                _onPayload(last, size);
            }

            at += head + size;
        }

        Drop(at);
        if (!_acknowledges || _unacknowledged < Viewer.AcknowledgeEvery || last == 0)
        {
            return null;
        }

        _unacknowledged = 0;
        return new Position { Epoch = 1, Sequence = last };
    }

    private void Drop(int count)
    {
        _buffer.AsSpan(count, _length - count).CopyTo(_buffer);
        _length -= count;
    }

    // Masked with zeros, as the protocol allows. None is longer than a start with its token.
    private async Task SendAsync(byte kind, byte[] message)
    {
        byte[] frame = new byte[8 + message.Length];
        frame[0] = kind;
        frame[1] = MaskBit | 126;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)message.Length);
        message.CopyTo(frame, 8);
        if (message.Length < 126)
        {
            frame[1] = (byte)(MaskBit | message.Length);
            frame.AsSpan(4, 4 + message.Length).CopyTo(frame.AsSpan(2));
            frame = frame[..^2];
        }

        await _socket.SendAsync(frame);
    }
}
