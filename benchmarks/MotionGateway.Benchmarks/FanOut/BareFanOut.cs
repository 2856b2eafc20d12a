using System.Net.WebSockets;
using System.Threading.Channels;

namespace MotionGateway.Benchmarks;

/// <summary>The peer: a bare Kestrel that passes what comes from one WebSocket on to many. See <see cref="BareBroadcast"/>.</summary>
internal sealed class BareFanOut : IFanOutSystem
{
    private readonly int _port;
    private readonly Channel<byte[]>[] _outgoing;
    private readonly List<ClientWebSocket> _sources = [];
    private readonly List<Task> _sending = [];

    private BareFanOut(ServiceProcess process, int port, int sessions)
    {
        Process = process;
        _port = port;
        _outgoing = [.. Enumerable.Range(0, sessions).Select(_ => Channel.CreateUnbounded<byte[]>(new() { SingleReader = true }))];
    }

    public ServiceProcess Process { get; }

    public static async Task<BareFanOut> StartAsync(int sessions)
    {
        int port = LocalPorts.Find(1)[0];
        var process = new ServiceProcess(typeof(BareFanOut).Assembly.Location, BareBroadcast.Command, $"{port}");
        await LocalPorts.WaitUntilReadyAsync(port, "/readyz");
        var system = new BareFanOut(process, port, sessions);
        for (int i = 0; i < sessions; i++)
        {
            var source = new ClientWebSocket();
            system._sources.Add(source);
            await source.ConnectAsync(new Uri($"ws://127.0.0.1:{port}/source/{i}"), CancellationToken.None);
            system._sending.Add(SendAsync(source, system._outgoing[i].Reader));
        }

        return system;
    }

    public Task<RawViewer> ConnectAsync(int session, int viewer, RawViewer.OnPayload onPayload) =>
        RawViewer.ConnectAsync(_port, $"/viewer/{session}", start: null, onPayload);

    public void Publish(int session, long sequence) => _outgoing[session].Writer.TryWrite(FanOutMessages.Create(sequence));

    public async ValueTask DisposeAsync()
    {
        foreach (var outgoing in _outgoing)
        {
            outgoing.Writer.Complete();
        }

        Process.Dispose();
        await Task.WhenAll(_sending);
        _sources.ForEach(source => source.Dispose());
    }

    private static async Task SendAsync(ClientWebSocket source, ChannelReader<byte[]> outgoing)
    {
        try
        {
            await foreach (byte[] message in outgoing.ReadAllAsync())
            {
                await source.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
            }
        }
        catch (WebSocketException)
        {
            // The server has been stopped.
        }
    }
}
