using Grpc.Net.Client;
using MotionGateway.V1;

namespace MotionGateway.Benchmarks;

/// <summary>A local Motion Server, a gateway and a relay, each a process of its own: the product's, or bare ones with the same hops.</summary>
internal sealed class Deployment : IDisposable
{
    private readonly LocalMotionServerProcess _motionServer;
    private readonly bool _isFloor;

    private Deployment(LocalMotionServerProcess motionServer, Service gateway, Service relay, bool isFloor)
    {
        _motionServer = motionServer;
        _isFloor = isFloor;
        Gateway = gateway.Process;
        Relay = relay.Process;
        RelayUrl = new Uri($"ws://127.0.0.1:{relay.Port}");
        var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true };
        Channel = GrpcChannel.ForAddress($"http://127.0.0.1:{gateway.Port}", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
        Speech = new SpeechService.SpeechServiceClient(Channel);
        Sessions = new SessionService.SessionServiceClient(Channel);
    }

    public Uri RelayUrl { get; }

    public ServiceProcess Gateway { get; }

    public ServiceProcess Relay { get; }

    public GrpcChannel Channel { get; }

    public SpeechService.SpeechServiceClient Speech { get; }

    public SessionService.SessionServiceClient Sessions { get; }

    /// <summary>Starts all three, and waits until they answer.</summary>
    public static async Task<Deployment> StartAsync(string executable)
    {
        int[] ports = LocalPorts.Find(2);
        var motionServer = await LocalMotionServerProcess.StartAsync();
        var gateway = new ServiceProcess(
            executable, "gateway", $"--urls=http://127.0.0.1:{ports[0]}", "--app-id=local-app", "--api-key=local-key",
            $"--motion-server-console={motionServer.ConsoleUrl}", $"--motion-server-ingress={motionServer.IngressUrl}", "--set=Gateway:MaxSessions=4000");
        var relay = new ServiceProcess(
            executable, "relay", $"--urls=http://127.0.0.1:{ports[1]}", $"--gateway=http://127.0.0.1:{ports[0]}", "--set=Relay:MaxFeeds=4000");
        return await WaitAsync(new Deployment(motionServer, new Service(gateway, ports[0]), new Service(relay, ports[1]), isFloor: false), ports);
    }

    /// <summary>Starts bare processes in place of the product's: see <see cref="BareGateway"/> and <see cref="BareRelay"/>.</summary>
    public static async Task<Deployment> StartFloorAsync()
    {
        int[] ports = LocalPorts.Find(2);
        var motionServer = await LocalMotionServerProcess.StartAsync();
        string executable = typeof(Deployment).Assembly.Location;
        var gateway = new ServiceProcess(executable, BareGateway.Command, $"{ports[0]}", $"{motionServer.Port}");
        var relay = new ServiceProcess(executable, BareRelay.Command, $"{ports[1]}", $"{ports[0]}");
        return await WaitAsync(new Deployment(motionServer, new Service(gateway, ports[0]), new Service(relay, ports[1]), isFloor: true), ports);
    }

    /// <summary>Bytes in the logs of all sessions; bare processes keep none.</summary>
    public async Task<long> ReadLogBytesAsync()
    {
        if (_isFloor)
        {
            return 0;
        }

        var answer = await Sessions.ListSessionsAsync(new ListSessionsRequest { PageSize = 1000 });
        return answer.Sessions.Sum(session => session.LogBytes);
    }

    public void Dispose()
    {
        Channel.Dispose();
        Relay.Dispose();
        Gateway.Dispose();
        _motionServer.Dispose();
    }

    private static async Task<Deployment> WaitAsync(Deployment deployment, int[] ports)
    {
        await LocalPorts.WaitUntilOpenAsync(ports[0]);
        await LocalPorts.WaitUntilReadyAsync(ports[1], "/readyz");
        return deployment;
    }

    private readonly record struct Service(ServiceProcess Process, int Port);
}
