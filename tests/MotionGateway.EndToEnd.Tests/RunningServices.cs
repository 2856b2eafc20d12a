using Grpc.Net.Client;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>The three services as separate processes, on free ports of this machine.</summary>
public sealed class RunningServices : IAsyncLifetime
{
    // A caller or viewer that a test leaves alone for long is not given up, nor is what it has not seen forgotten, or a session that has ended.
    private static readonly string[] GatewayLimits =
    [
        "--set", "Gateway:HeartbeatTimeout=10m", "--set", "Gateway:Limits:ClosedRetention=10m", "--set", "Gateway:Limits:Log:Retention=10m",
    ];

    private static readonly string[] RelayLimits = ["--set", "Relay:PeerTimeout=10m", "--set", "Relay:StallTimeout=10m"];

    private readonly List<ChildProcess> _processes = [];
    private readonly Dictionary<Uri, ChildProcess> _urls = [];
    private readonly HeldPort _relayPort = HeldPort.Take();
    private ChildProcess? _relay;
    private GrpcChannel? _channel;

    /// <summary>The local Motion Server's address.</summary>
    public Uri MotionServerUrl { get; private set; } = null!;

    /// <summary>The gateway's address.</summary>
    public Uri GatewayUrl { get; private set; } = null!;

    /// <summary>The relay's address; the same after a restart.</summary>
    public Uri RelayUrl { get; private set; } = null!;

    public SpeechService.SpeechServiceClient Speech => new(_channel);

    public FeedService.FeedServiceClient Feed => new(_channel);

    public SessionService.SessionServiceClient Sessions => new(_channel);

    public async Task InitializeAsync()
    {
        MotionServerUrl = await ServeAsync("motion-server", "--urls", "http://127.0.0.1:0");
        GatewayUrl = await StartGatewayAsync();
        _channel = GrpcChannel.ForAddress(GatewayUrl);
        (_relay, RelayUrl) = await Executable.ServeAsync(Relay());
    }

    public async Task DisposeAsync()
    {
        _channel?.Dispose();
        foreach (var process in _processes.Append(_relay).OfType<ChildProcess>().Reverse())
        {
            await process.DisposeAsync();
        }

        _relayPort.Dispose();
    }

    /// <summary>Starts one more relay, which reaches the gateway at an address of its own.</summary>
    /// <param name="gateway">The gateway's address, for the relay.</param>
    /// <param name="settings">Further settings, such as <c>Relay:PeerTimeout=5s</c>.</param>
    public Task<Uri> StartRelayAsync(Uri gateway, params string[] settings) => ServeAsync(
        ["relay", "--urls", "http://127.0.0.1:0", "--gateway", gateway.ToString(), .. RelayLimits, .. Set(settings)]);

    /// <summary>Starts one more gateway at the same Motion Server.</summary>
    /// <param name="apiKey">The app's key.</param>
    /// <param name="url">Where it listens.</param>
    /// <param name="settings">Further settings, such as <c>Gateway:ShutdownGrace=5s</c>.</param>
    public Task<Uri> StartGatewayAsync(string apiKey = "local-key", string url = "http://127.0.0.1:0", params string[] settings) =>
        StartGatewayAsync(MotionServerUrl, apiKey, url, settings);

    /// <summary>Starts one more gateway at a Motion Server of its own.</summary>
    /// <param name="motionServer">The Motion Server.</param>
    /// <param name="apiKey">The app's key.</param>
    /// <param name="url">Where it listens.</param>
    /// <param name="settings">Further settings, such as <c>Gateway:ShutdownGrace=5s</c>.</param>
    public Task<Uri> StartGatewayAsync(Uri motionServer, string apiKey, string url = "http://127.0.0.1:0", params string[] settings) => ServeAsync(
        apiKey,
        ["gateway", "--urls", url, "--app-id", "local-app",
            "--motion-server-console", new Uri(motionServer, "/v1/console").ToString(),
            "--motion-server-ingress", new UriBuilder(motionServer) { Scheme = "ws", Path = "/v2/driveningress" }.ToString(),
            .. GatewayLimits, .. Set(settings)]);

    /// <summary>Starts one more local Motion Server.</summary>
    /// <param name="settings">Its settings, such as <c>MotionServer:PauseTimeout=5s</c>.</param>
    public Task<Uri> StartMotionServerAsync(params string[] settings) =>
        ServeAsync(["motion-server", "--urls", "http://127.0.0.1:0", .. Set(settings)]);

    /// <summary>Asks a service to end (SIGTERM), and waits until it is gone.</summary>
    /// <param name="url">Its address.</param>
    /// <param name="limit">How long it may take; null for a minute.</param>
    public async Task StopAsync(Uri url, TimeSpan? limit = null)
    {
        var process = _urls[url];
        await ChildProcess.RunAsync("kill", ["-TERM", $"{process.Id}"]);
        await process.WaitAsync(limit);
    }

    /// <summary>Ends a service without a chance to say good-bye (SIGKILL).</summary>
    /// <param name="url">Its address.</param>
    public async Task KillAsync(Uri url)
    {
        _urls[url].Kill();
        await _urls[url].WaitAsync();
    }

    /// <summary>Ends the relay without a chance to say good-bye (SIGKILL).</summary>
    public async Task KillRelayAsync()
    {
        _relay!.Kill();
        await _relay.DisposeAsync();
        _relay = null;
    }

    /// <summary>Starts the relay again where it was.</summary>
    public async Task RestartRelayAsync() => (_relay, _) = await Executable.ServeAsync(Relay());

    /// <summary>Makes a viewer token.</summary>
    public async Task<string> CreateTokenAsync(string sessionId, int lifetimeSeconds = 0)
    {
        var request = new CreateViewerTokenRequest { SessionId = sessionId, LifetimeSeconds = lifetimeSeconds };
        return (await Sessions.CreateViewerTokenAsync(request)).ViewerToken;
    }

    /// <summary>Opens a viewer's connection at the relay.</summary>
    internal Task<TestViewer> ConnectAsync(string sessionId, bool json = false, bool acknowledge = true, Uri? relay = null) => TestViewer.ConnectAsync(
        new UriBuilder(relay ?? RelayUrl) { Scheme = "ws", Path = $"/v1/sessions/{sessionId}/feed" }.Uri, json, acknowledge);

    /// <summary>Opens a viewer's connection and starts its feed.</summary>
    internal async Task<TestViewer> ViewAsync(string sessionId, bool json = false, bool acknowledge = true, Position? position = null)
    {
        var viewer = await ConnectAsync(sessionId, json, acknowledge);
        string token = await CreateTokenAsync(sessionId);
        await viewer.StartAsync(start =>
        {
            start.ViewerToken = token;
            start.Position = position;
        });
        await viewer.ReceiveUntilAsync(response => response.Started is not null);
        return viewer;
    }

    private static IEnumerable<string> Set(IEnumerable<string> settings) => settings.SelectMany(setting => new[] { "--set", setting });

    private string[] Relay() => ["relay", "--urls", _relayPort.Url, "--gateway", GatewayUrl.ToString(), .. RelayLimits];

    private Task<Uri> ServeAsync(params string[] arguments) => ServeAsync("local-key", arguments);

    private async Task<Uri> ServeAsync(string apiKey, string[] arguments)
    {
        var (process, url) = await Executable.ServeAsync(arguments, apiKey);
        _processes.Add(process);
        _urls[url] = process;
        return url;
    }
}
