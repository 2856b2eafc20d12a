using Grpc.Core;
using Grpc.Net.Client;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EndToEnd.Tests.Metrics;

/// <summary>The services with their metrics watched by Prometheus, after some turns were spoken and one session was refused.</summary>
public sealed class WatchedServices : IAsyncLifetime
{
    private const string Metrics = "metrics at ";
    private const string AnyAddress = "http://127.0.0.1:0";

    private readonly List<ChildProcess> _processes = [];
    private PrometheusServer? _prometheus;

    internal PrometheusServer Prometheus => _prometheus!;

    /// <summary>Where the gateway's metrics are.</summary>
    public Uri GatewayMetrics { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        // Then its tests are skipped.
        if (RequiredTool.WhyMissing(PrometheusServer.Program, PrometheusServer.Remedy) is not null)
        {
            return;
        }

        var (motionServer, _) = await ServeAsync("motion-server", "--urls", AnyAddress);
        var (gateway, gatewayMetrics) = await ServeAsync(
            "gateway", "--urls", AnyAddress, "--app-id", "local-app",
            "--motion-server-console", new Uri(motionServer, "/v1/console").ToString(),
            "--motion-server-ingress", new UriBuilder(motionServer) { Scheme = "ws", Path = "/v2/driveningress" }.ToString(),
            "--set", "Gateway:MaxSessions=2", "--set", $"Gateway:MetricsUrl={AnyAddress}");
        var (relay, relayMetrics) = await ServeAsync(
            "relay", "--urls", AnyAddress, "--gateway", gateway.ToString(), "--set", $"Relay:MetricsUrl={AnyAddress}");
        GatewayMetrics = gatewayMetrics!;
        _prometheus = await PrometheusServer.StartAsync(gatewayMetrics!, relayMetrics!);
        await SpeakAsync(gateway, relay);
    }

    public async Task DisposeAsync()
    {
        if (_prometheus is not null)
        {
            await _prometheus.DisposeAsync();
        }

        foreach (var process in _processes.AsEnumerable().Reverse())
        {
            await process.DisposeAsync();
        }
    }

    // What comes after a first look is what has grown since: rates are of that.
    private async Task SpeakAsync(Uri gateway, Uri relay)
    {
        using var channel = GrpcChannel.ForAddress(gateway);
        var client = new SpeechService.SpeechServiceClient(channel);
        using var speaker = await Speaker.OpenAsync(client);
        using var viewer = await TestViewer.ConnectAsync(
            new UriBuilder(relay) { Scheme = "ws", Path = $"/v1/sessions/{speaker.SessionId}/feed" }.Uri, json: false, acknowledge: true);
        await viewer.StartAsync(start => start.ViewerToken = speaker.Opened.ViewerToken);
        await viewer.ReceiveUntilAsync(response => response.Started is not null);
        await SayAsync(speaker, viewer, "first");
        await Prometheus.WaitForAsync("sum(motiongateway_turn_ended_total)", 1);
        await Prometheus.WaitForAsync("sum(motiongateway_relay_viewer_lag_seconds_count)", 1);
        using var other = await Speaker.OpenAsync(client);
        await RefuseAsync(client);
        await SayAsync(speaker, viewer, "second");
        await speaker.SendAudioAsync(Clip.Read(), "third");
        await speaker.InterruptAsync("third");
        await Prometheus.WaitForAsync("sum(motiongateway_session_refused_total)", 1);
        await RefuseAsync(client);
        await Prometheus.WaitForAsync("sum(increase(motiongateway_turn_ended_total[1m]))", 1);
        await Prometheus.WaitForAsync("sum(increase(motiongateway_relay_viewer_lag_seconds_count[1m]))", 1);
        await Prometheus.WaitForAsync("sum(increase(motiongateway_session_refused_total[1m]))", 1);
    }

    private static async Task SayAsync(Speaker speaker, TestViewer viewer, string turn)
    {
        await speaker.SayAsync(Clip.Read(seconds: 1), turn);
        await viewer.ReceiveUntilAsync(response => response.Payload is { TurnEnded: not null } payload && payload.TurnId == turn);
        await speaker.TurnEndedAsync(turn);
    }

    // Two sessions are all that the gateway takes.
    private static async Task RefuseAsync(SpeechService.SpeechServiceClient client)
    {
        var failure = await Assert.ThrowsAsync<RpcException>(() => Speaker.OpenAsync(client));
        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
    }

    private async Task<(Uri Url, Uri? Metrics)> ServeAsync(params string[] arguments)
    {
        var (process, url) = await Executable.ServeAsync(arguments);
        _processes.Add(process);
        string? metrics = process.Lines.FirstOrDefault(line => line.StartsWith(Metrics, StringComparison.Ordinal));
        return (url, metrics is null ? null : new Uri(metrics[Metrics.Length..]));
    }
}
