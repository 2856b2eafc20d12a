using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MotionGateway.Interop.Tests;

/// <summary>An HTTP/2 connection frame by frame, for what no client would do. Knows what the windows let it send.</summary>
internal sealed class RawHttp2Connection : IAsyncDisposable
{
    private const int FrameHeaderBytes = 9;
    private const int MaxFrameBytes = 16 * 1024;
    private const byte Data = 0x0;
    private const byte Headers = 0x1;
    private const byte ResetStream = 0x3;
    private const byte Settings = 0x4;
    private const byte Ping = 0x6;
    private const byte GoAway = 0x7;
    private const byte WindowUpdate = 0x8;
    private const byte Acknowledge = 0x1;
    private const byte EndHeaders = 0x4;
    private const int InitialWindowSetting = 0x4;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Lock _lock = new();
    private readonly Dictionary<int, long> _windows = [];
    private readonly HashSet<int> _resets = [];
    private readonly TaskCompletionSource _settings = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private NetworkStream _stream = null!;
    private Task _reading = Task.CompletedTask;
    private long _connectionWindow = 65_535;
    private long _streamWindow = 65_535;
    private int _lastStream = -1;
    private volatile bool _isOver;

    /// <summary>Whether the server ended the connection, or said that it will.</summary>
    public bool IsOver => _isOver;

    /// <summary>Bytes of data that were sent.</summary>
    public long Sent { get; private set; }

    /// <summary>Streams that the server refused or reset.</summary>
    public int ResetCount
    {
        get
        {
            lock (_lock)
            {
                return _resets.Count;
            }
        }
    }

    public static async Task<RawHttp2Connection> OpenAsync(string address)
    {
        var connection = new RawHttp2Connection();
        await connection._socket.ConnectAsync(IPAddress.Loopback, new Uri(address).Port);
        connection._stream = new NetworkStream(connection._socket);
        await connection._stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        await connection.WriteAsync(Settings, 0, 0, ReadOnlyMemory<byte>.Empty);
        connection._reading = connection.ReadAsync();
        await connection._settings.Task;
        return connection;
    }

    /// <summary>Begins a call.</summary>
    /// <returns>Its stream.</returns>
    public async Task<int> BeginAsync(string path)
    {
        int stream = _lastStream += 2;
        lock (_lock)
        {
            _windows[stream] = _streamWindow;
        }

        byte[] block =
        [
            .. Field(":method", "POST"), .. Field(":scheme", "http"), .. Field(":path", path), .. Field(":authority", "localhost"),
            .. Field("content-type", "application/grpc"), .. Field("te", "trailers"),
        ];
        await WriteAsync(Headers, EndHeaders, stream, block);
        return stream;
    }

    public Task ResetAsync(int stream) => WriteAsync(ResetStream, 0, stream, new byte[] { 0, 0, 0, 8 });

    /// <summary>Sends as much as the windows let through.</summary>
    /// <returns>How many bytes were sent.</returns>
    public async Task<int> SendAsync(int stream, ReadOnlyMemory<byte> data)
    {
        int sent = 0;
        while (sent < data.Length && Take(stream, Math.Min(MaxFrameBytes, data.Length - sent)) is var count and > 0)
        {
            await WriteAsync(Data, 0, stream, data.Slice(sent, count));
            sent += count;
        }

        Sent += sent;
        return sent;
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _reading;
        _writing.Dispose();
    }

    // Literal fields without indexing, lengths of less than 127 bytes.
    private static byte[] Field(string name, string value) =>
        [0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];

    private int Take(int stream, int count)
    {
        lock (_lock)
        {
            int taken = _resets.Contains(stream) ? 0 : (int)Math.Min(count, Math.Min(_windows[stream], _connectionWindow));
            _windows[stream] -= taken;
            _connectionWindow -= taken;
            return taken;
        }
    }

    private async Task WriteAsync(byte type, byte flags, int stream, ReadOnlyMemory<byte> payload)
    {
        var frame = new byte[FrameHeaderBytes + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsMemory(FrameHeaderBytes));
        await _writing.WaitAsync();
        try
        {
            await _stream.WriteAsync(frame);
        }
        catch (IOException)
        {
            _isOver = true;
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task ReadAsync()
    {
        var header = new byte[FrameHeaderBytes];
        try
        {
            while (true)
            {
                await _stream.ReadExactlyAsync(header);
                var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(header) >> 8];
                await _stream.ReadExactlyAsync(payload);
                await TakeInAsync(header[3], header[4], BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5)), payload);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            _isOver = true;
        }
    }

    private async Task TakeInAsync(byte type, byte flags, int stream, byte[] payload)
    {
        switch (type)
        {
            case Settings when (flags & Acknowledge) == 0:
                TakeInSettings(payload);
                await WriteAsync(Settings, Acknowledge, 0, ReadOnlyMemory<byte>.Empty);
                _settings.TrySetResult();
                break;
            case Ping when (flags & Acknowledge) == 0:
                await WriteAsync(Ping, Acknowledge, 0, payload);
                break;
            case GoAway:
                _isOver = true;
                break;
            case ResetStream:
                lock (_lock)
                {
                    _resets.Add(stream);
                }

                break;
            case WindowUpdate:
                lock (_lock)
                {
                    int more = BinaryPrimitives.ReadInt32BigEndian(payload);
                    _connectionWindow += stream == 0 ? more : 0;
                    if (_windows.TryGetValue(stream, out long window))
                    {
                        _windows[stream] = window + more;
                    }
                }

                break;
            default:
                break;
        }
    }

    private void TakeInSettings(byte[] payload)
    {
        for (int at = 0; at < payload.Length; at += 6)
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(payload.AsSpan(at)) == InitialWindowSetting)
            {
                _streamWindow = BinaryPrimitives.ReadUInt32BigEndian(payload.AsSpan(at + 2));
            }
        }
    }
}
