using Grpc.Net.Client;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EndToEnd.Tests.Budget;

/// <summary>The three services as processes of their own, so that what each counts is its own, with their metrics at hand.</summary>
internal sealed class MeasuredServices : IAsyncDisposable
{
    private const string Metrics = "metrics at ";
    private const string AnyAddress = "http://127.0.0.1:0";

    private readonly List<ChildProcess> _processes = [];
    private readonly HttpClient _http = new();
    private GrpcChannel? _channel;
    private Uri _gatewayMetrics = null!;
    private Uri _relayMetrics = null!;

    public SpeechService.SpeechServiceClient Speech => new(_channel);

    /// <summary>Where viewers connect.</summary>
    public Uri RelayUrl { get; private set; } = null!;

    public static async Task<MeasuredServices> StartAsync()
    {
        var services = new MeasuredServices();
        try
        {
            await services.ServeAsync();
            return services;
        }
        catch
        {
            await services.DisposeAsync();
            throw;
        }
    }

    /// <summary>What gateway and relay have counted so far.</summary>
    public async Task<(ServiceCounts Gateway, ServiceCounts Relay)> CountAsync() =>
        (await ServiceCounts.ReadAsync(_http, _gatewayMetrics), await ServiceCounts.ReadAsync(_http, _relayMetrics));

    public async ValueTask DisposeAsync()
    {
        _channel?.Dispose();
        _http.Dispose();
        foreach (var process in _processes.AsEnumerable().Reverse())
        {
            await process.DisposeAsync();
        }
    }

    private async Task ServeAsync()
    {
        var (motionServer, _) = await ServeAsync("motion-server", "--urls", AnyAddress);
        (var gateway, _gatewayMetrics) = await ServeAsync(
            "gateway", "--urls", AnyAddress, "--app-id", "local-app",
            "--motion-server-console", new Uri(motionServer, "/v1/console").ToString(),
            "--motion-server-ingress", new UriBuilder(motionServer) { Scheme = "ws", Path = "/v2/driveningress" }.ToString(),
            "--set", $"Gateway:MetricsUrl={AnyAddress}");
        (RelayUrl, _relayMetrics) = await ServeAsync(
            "relay", "--urls", AnyAddress, "--gateway", gateway.ToString(), "--set", $"Relay:MetricsUrl={AnyAddress}");
        _channel = GrpcChannel.ForAddress(gateway);
    }

    private async Task<(Uri Url, Uri Metrics)> ServeAsync(params string[] arguments)
    {
        var (process, url) = await Executable.ServeAsync([.. arguments, "--log-level", "warning"]);
        _processes.Add(process);
        string? metrics = process.Lines.FirstOrDefault(line => line.StartsWith(Metrics, StringComparison.Ordinal));
        return (url, metrics is null ? url : new Uri(metrics[Metrics.Length..]));
    }
}
