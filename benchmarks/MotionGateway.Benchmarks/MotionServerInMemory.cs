using System.Buffers.Binary;
using System.Net;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Google.Protobuf;
using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.MotionServer;

namespace MotionGateway.Benchmarks;

/// <summary>
/// The Motion Server's end of connections without a network: takes what is written and drops it, and sends one prepared motion
/// message each time it is asked to. What it allocates itself is nothing, once a connection is open.
/// </summary>
internal sealed class MotionServerInMemory : HttpMessageHandler
{
    /// <summary>The request that the motion is of.</summary>
    public const string RequestId = "request";

    private readonly byte[] _confirm = Frame(new Message
    {
        Type = MessageType.MessageServerConfirmSession,
        ServerConfirmSession = new ServerConfirmSession { ConnectionId = "connection" },
    });

    private readonly byte[] _motion = Frame(Motion(keyframes: 100));

    private InMemoryStream? _stream;

    /// <summary>Bytes of one motion message: four seconds of motion.</summary>
    public int MotionBytes => _motion.Length;

    public async Task<IMotionConnection> ConnectAsync()
    {
        // Not disposed: the connection outlives it, and it holds nothing of its own.
        MotionServerClient client = new(
            new MotionServerOptions { AppId = "app", ApiKey = "key", ConsoleUrl = new Uri("http://memory"), IngressUrl = new Uri("ws://memory"), KeepAliveInterval = TimeSpan.Zero },
            new HttpMessageInvoker(this, disposeHandler: false));
        return await client.ConnectAsync("avatar", new MotionAudioFormat(16000));
    }

    /// <summary>A bare WebSocket to it, after the handshake.</summary>
    public WebSocket OpenSocket()
    {
        _stream = new InMemoryStream(_motion);
        return WebSocket.CreateFromStream(_stream, new WebSocketCreationOptions { KeepAliveInterval = TimeSpan.Zero });
    }

    /// <summary>Sends one motion message over the latest connection.</summary>
    public void SendMotion() => _stream!.SendOne();

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Method == HttpMethod.Post)
        {
            return Task.FromResult(new HttpResponseMessage { Content = new StringContent("""{"sessionToken":"token"}""") });
        }

        _stream = new InMemoryStream(_motion, _confirm);
        HttpResponseMessage response = new(HttpStatusCode.SwitchingProtocols) { Content = new DuplexContent(_stream) };
        response.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        response.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        response.Headers.TryAddWithoutValidation("Sec-WebSocket-Accept", Accept(request.Headers.GetValues("Sec-WebSocket-Key").Single()));
        return Task.FromResult(response);
    }

    private static string Accept(string key)
    {
#pragma warning disable CA5350 // RFC 6455 demands SHA-1.
        return Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
    }

    private static Message Motion(int keyframes)
    {
        FlameAnimation animation = new();
        for (int i = 0; i < keyframes; i++)
        {
            animation.Keyframes.Add(new Flame
            {
                Translation = { 1, 2, 3 },
                Rotation = { 1, 2, 3 },
                NeckPose = { 1, 2, 3 },
                JawPose = { 1, 2, 3 },
                EyePose = { 1, 2, 3, 4, 5, 6 },
                EyeLid = { 1, 2 },
                Expression = { Enumerable.Repeat(0.5f, 100) },
            });
        }

        return new Message
        {
            Type = MessageType.MessageServerResponseAnimation,
            ServerResponseAnimation = new ServerResponseAnimation { ConnectionId = "connection", ReqId = RequestId, AvatarId = "avatar", Animation = animation },
        };
    }

    private static byte[] Frame(Message message)
    {
        byte[] payload = message.ToByteArray();
        byte[] length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, checked((ushort)payload.Length));
        return payload.Length < 126 ? [0x82, (byte)payload.Length, .. payload] : [0x82, 126, .. length, .. payload];
    }

    private sealed class DuplexContent(Stream stream) : HttpContent
    {
        protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult(stream);

        protected override Task SerializeToStreamAsync(Stream target, TransportContext? context) => throw new NotSupportedException();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    private sealed class InMemoryStream(byte[] motion, byte[]? first = null) : Stream
    {
        private readonly Channel<bool> _asked = Channel.CreateBounded<bool>(1024);
        private ReadOnlyMemory<byte> _rest = first;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public void SendOne() => _asked.Writer.TryWrite(true);

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_rest.IsEmpty)
            {
                if (!await _asked.Reader.WaitToReadAsync(CancellationToken.None))
                {
                    return 0;
                }

                _asked.Reader.TryRead(out _);
                _rest = motion;
            }

            int count = Math.Min(buffer.Length, _rest.Length);
            _rest[..count].CopyTo(buffer);
            _rest = _rest[count..];
            return count;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            // A closing frame ends what the other side reads.
            if ((buffer.Span[0] & 0x0F) == 0x8)
            {
                _asked.Writer.TryComplete();
            }

            return ValueTask.CompletedTask;
        }

        public override void Flush()
        {
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            _asked.Writer.TryComplete();
            base.Dispose(disposing);
        }
    }
}
