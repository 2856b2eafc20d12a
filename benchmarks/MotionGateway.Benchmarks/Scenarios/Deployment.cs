using Grpc.Net.Client;
using MotionGateway.V1;

namespace MotionGateway.Benchmarks;

/// <summary>A local Motion Server, a gateway and a relay, each a process of its own.</summary>
internal sealed class Deployment : IDisposable
{
    private readonly ServiceProcess _motionServer;

    private Deployment(string executable, int motionServer, int gateway, int relay)
    {
        MotionServerUrl = new Uri($"http://127.0.0.1:{motionServer}");
        RelayUrl = new Uri($"ws://127.0.0.1:{relay}");

        // Of this build always: builds that are compared are given the same motion.
        _motionServer = new ServiceProcess(
            ServiceProcess.OwnExecutable, "motion-server", $"--urls=http://127.0.0.1:{motionServer}", "--set=MotionServer:MaxConnections=2000");
        Gateway = new ServiceProcess(
            executable, "gateway", $"--urls=http://127.0.0.1:{gateway}", "--app-id=local-app", "--api-key=local-key",
            $"--motion-server-console=http://127.0.0.1:{motionServer}/v1/console",
            $"--motion-server-ingress=ws://127.0.0.1:{motionServer}/v2/driveningress", "--set=Gateway:MaxSessions=4000");
        Relay = new ServiceProcess(executable, "relay", $"--urls=http://127.0.0.1:{relay}", $"--gateway=http://127.0.0.1:{gateway}");
        var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true };
        Channel = GrpcChannel.ForAddress($"http://127.0.0.1:{gateway}", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
        Speech = new SpeechService.SpeechServiceClient(Channel);
        Sessions = new SessionService.SessionServiceClient(Channel);
    }

    public Uri MotionServerUrl { get; }

    public Uri RelayUrl { get; }

    public ServiceProcess Gateway { get; }

    public ServiceProcess Relay { get; }

    public GrpcChannel Channel { get; }

    public SpeechService.SpeechServiceClient Speech { get; }

    public SessionService.SessionServiceClient Sessions { get; }

    /// <summary>Starts all three, and waits until they answer.</summary>
    public static async Task<Deployment> StartAsync(string executable)
    {
        int[] ports = LocalPorts.Find(3);
        var deployment = new Deployment(executable, ports[0], ports[1], ports[2]);
        await LocalPorts.WaitUntilOpenAsync(ports[0]);
        await LocalPorts.WaitUntilOpenAsync(ports[1]);
        await LocalPorts.WaitUntilReadyAsync(ports[2], "/readyz");
        return deployment;
    }

    public void Dispose()
    {
        Channel.Dispose();
        Relay.Dispose();
        Gateway.Dispose();
        _motionServer.Dispose();
    }
}
