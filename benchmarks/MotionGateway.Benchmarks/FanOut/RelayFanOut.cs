using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.Benchmarks;

/// <summary>The relay as a process. Its gateway is made up in this one: sessions whose logs are written as fast as wanted.</summary>
internal sealed class RelayFanOut : IFanOutSystem
{
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromHours(1);

    private readonly WebApplication _gateway;
    private readonly SourceSessions _sessions;
    private readonly int _port;

    private RelayFanOut(WebApplication gateway, SourceSessions sessions, ServiceProcess process, int port)
    {
        _gateway = gateway;
        _sessions = sessions;
        Process = process;
        _port = port;
    }

    public ServiceProcess Process { get; }

    public static async Task<RelayFanOut> StartAsync(string executable, int sessions)
    {
        int[] ports = LocalPorts.Find(2);
        var source = new SourceSessions(sessions);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ListenLocalhost(ports[0], listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Limits.Http2.MaxStreamsPerConnection = sessions + 100;
            kestrel.Limits.MinResponseDataRate = null;
        });
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(source);
        var gateway = builder.Build();
        gateway.MapGrpcService<SourceFeedService>();
        gateway.MapGrpcService<SourceSessionService>();
        await gateway.StartAsync();
        var process = new ServiceProcess(
            executable, "relay", $"--urls=http://127.0.0.1:{ports[1]}", $"--gateway=http://127.0.0.1:{ports[0]}",
            "--set=Relay:MaxViewers=20000", "--set=Relay:MaxViewersPerSession=20000", "--set=Relay:MaxUnverifiedConnections=20000");
        await LocalPorts.WaitUntilReadyAsync(ports[1], "/readyz");
        return new RelayFanOut(gateway, source, process, ports[1]);
    }

    public Task<RawViewer> ConnectAsync(int session, int viewer, RawViewer.OnPayload onPayload)
    {
        string id = SourceSessions.GetId(session);
        var start = new StartFeed
        {
            ViewerToken = _sessions.Signer.Issue(id, $"viewer-{viewer}", ViewerPermissions.None, TokenLifetime).Token,
            ReaderId = "reader",
            Start = FeedStart.CurrentTurn,
        };
        int ahead = viewer * FanOutMessages.AudioBytes % Viewer.AcknowledgeEvery;
        return RawViewer.ConnectAsync(_port, $"/v1/sessions/{id}/feed", new SubscribeRequest { Start = start }, onPayload, ahead);
    }

    public void Publish(int session, long sequence) => _sessions.Publish(session, sequence);

    public async ValueTask DisposeAsync()
    {
        Process.Dispose();
        await _gateway.StopAsync(new CancellationToken(canceled: true));
        await _gateway.DisposeAsync();
        _sessions.Dispose();
    }
}
