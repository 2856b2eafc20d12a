using System.Net.WebSockets;
using Google.Protobuf;
using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.MotionServer;

namespace MotionGateway.Benchmarks;

/// <summary>20 ms pieces of speech over an open connection.</summary>
internal sealed class SendAudio : IComparison, IAsyncDisposable
{
    private readonly byte[] _samples = new byte[640];
    private readonly Lazy<IMotionConnection> _connection = new(() => new MotionServerInMemory().ConnectAsync().GetAwaiter().GetResult());
    private readonly Lazy<IMotionRequest> _request;
    private readonly WebSocket _socket = new MotionServerInMemory().OpenSocket();

    public SendAudio() => _request = new(() => _connection.Value.StartRequest());

    public string Name => "send-audio";

    public string Description => "send 20 ms of 16 kHz speech to the Motion Server; peer: the generated messages over a bare WebSocket";

    public int Operations => 20_000;

    public void RunSubject() => SubjectAsync().GetAwaiter().GetResult();

    public void RunPeer() => PeerAsync().GetAwaiter().GetResult();

    public async ValueTask DisposeAsync()
    {
        await _connection.Value.DisposeAsync();
        _socket.Dispose();
    }

    private async Task SubjectAsync()
    {
        for (int i = 0; i < Operations; i++)
        {
            await _request.Value.SendAsync(_samples);
        }
    }

    private async Task PeerAsync()
    {
        for (int i = 0; i < Operations; i++)
        {
            Message message = new()
            {
                Type = MessageType.MessageClientAudioInput,
                ClientAudioInput = new ClientAudioInput { ReqId = "request", Audio = ByteString.CopyFrom(_samples) },
            };
            await _socket.SendAsync(message.ToByteArray(), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        }
    }
}
