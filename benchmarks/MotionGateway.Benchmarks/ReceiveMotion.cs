using System.Net.WebSockets;
using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.MotionServer;

namespace MotionGateway.Benchmarks;

/// <summary>Motion messages of four seconds, one at a time.</summary>
internal sealed class ReceiveMotion : IComparison, IAsyncDisposable
{
    private readonly MotionServerInMemory _subjectServer = new();
    private readonly MotionServerInMemory _peerServer = new();
    private readonly Lazy<IMotionConnection> _connection;
    private readonly Lazy<IAsyncEnumerator<MotionMessage>> _reader;
    private readonly WebSocket _socket;
    private readonly byte[] _buffer = new byte[16 * 1024];

    public ReceiveMotion()
    {
        _connection = new(() => _subjectServer.ConnectAsync().GetAwaiter().GetResult());
        _reader = new(() => _connection.Value.StartRequest(MotionServerInMemory.RequestId).ReadMotionAsync().GetAsyncEnumerator());
        _socket = _peerServer.OpenSocket();
    }

    public string Name => "receive-motion";

    public string Description => "receive 4 s of motion (50 KB), its header and its bytes; peer: a bare WebSocket and the generated messages";

    public int Operations => 500;

    public void RunSubject() => SubjectAsync().GetAwaiter().GetResult();

    public void RunPeer() => PeerAsync().GetAwaiter().GetResult();

    public async ValueTask DisposeAsync()
    {
        await _connection.Value.DisposeAsync();
        _socket.Dispose();
    }

    private async Task SubjectAsync()
    {
        IAsyncEnumerator<MotionMessage> reader = _reader.Value;
        for (int i = 0; i < Operations; i++)
        {
            _subjectServer.SendMotion();
            await reader.MoveNextAsync();
            using MotionMessage message = reader.Current;
            Check(message.KeyframeCount, message.Envelope.Length, _subjectServer);
        }
    }

    private async Task PeerAsync()
    {
        for (int i = 0; i < Operations; i++)
        {
            _peerServer.SendMotion();
            using MemoryStream whole = new();
            ValueWebSocketReceiveResult result;
            do
            {
                result = await _socket.ReceiveAsync(_buffer.AsMemory(), CancellationToken.None);
                whole.Write(_buffer, 0, result.Count);
            }
            while (!result.EndOfMessage);

            byte[] envelope = whole.ToArray();
            Message message = Message.Parser.ParseFrom(envelope);
            Check(message.ServerResponseAnimation.Animation.Keyframes.Count, envelope.Length, _peerServer);
        }
    }

    private static void Check(int keyframes, int bytes, MotionServerInMemory server)
    {
        if (keyframes != 100 || bytes != server.MotionBytes - 4)
        {
            throw new InvalidOperationException($"{keyframes} keyframes in {bytes} bytes were received.");
        }
    }
}
