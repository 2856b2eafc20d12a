using MotionGateway.Cli.Tests.Commands;
using MotionGateway.Testing;

namespace MotionGateway.Cli.Tests.Connecting;

/// <summary>A gateway that lets only those in whose certificate it knows, and a relay, both over TLS.</summary>
public sealed class TlsServices : IAsyncLifetime
{
    private readonly List<CliProcess> _processes = [];

    /// <summary>Who has issued all of their certificates.</summary>
    public TestAuthority Authority { get; } = new();

    /// <summary>The gateway's address.</summary>
    public string GatewayUrl { get; private set; } = "";

    /// <summary>The relay's address.</summary>
    public string RelayUrl { get; private set; } = "";

    /// <summary>The address of a service without TLS.</summary>
    public string PlainUrl { get; private set; } = "";

    /// <summary>The certificate of a caller.</summary>
    public CertificateFiles Caller { get; private set; } = null!;

    /// <summary>The variables by which commands find the gateway, believe it, and call it.</summary>
    internal (string Name, string? Value)[] Environment =>
    [
        ("MOTIONGATEWAY_GATEWAY", GatewayUrl), ("MOTIONGATEWAY_RELAY", RelayUrl), ("MOTIONGATEWAY_CACERT", Authority.RootFile),
        ("MOTIONGATEWAY_CERT", Caller.Certificate), ("MOTIONGATEWAY_KEY", Caller.Key),
    ];

    public async Task InitializeAsync()
    {
        Caller = Authority.IssueClient("caller");
        var (gateway, relay, relayAsCaller) = (Authority.IssueServer("gateway"), Authority.IssueServer("relay"), Authority.IssueClient("relay"));
        PlainUrl = await ServeAsync("motion-server", "--urls", "http://127.0.0.1:0");
        GatewayUrl = await ServeAsync(
            "gateway", "--urls", "https://127.0.0.1:0", "--app-id", "local-app", "--motion-server-console", $"{PlainUrl}/v1/console",
            "--motion-server-ingress", $"{PlainUrl.Replace("http", "ws", StringComparison.Ordinal)}/v2/driveningress",
            "--set", $"Gateway:Tls:CertificateFile={gateway.Certificate}", "--set", $"Gateway:Tls:KeyFile={gateway.Key}",
            "--set", $"Gateway:Tls:ClientCaFile={Authority.RootFile}", "--set", "Gateway:Tls:RequireClientCertificate=true");
        RelayUrl = await ServeAsync(
            "relay", "--urls", "https://127.0.0.1:0", "--gateway", GatewayUrl,
            "--set", $"Relay:Tls:CertificateFile={relay.Certificate}", "--set", $"Relay:Tls:KeyFile={relay.Key}",
            "--set", $"Relay:GatewayTls:CaFile={Authority.RootFile}", "--set", $"Relay:GatewayTls:CertificateFile={relayAsCaller.Certificate}",
            "--set", $"Relay:GatewayTls:KeyFile={relayAsCaller.Key}");
    }

    public async Task DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        Authority.Dispose();
    }

    private async Task<string> ServeAsync(params string[] arguments)
    {
        var process = CliProcess.Start(arguments, ("MOTIONGATEWAY__GATEWAY__MOTIONSERVER__APIKEY", "local-key"));
        _processes.Add(process);
        return await process.ReadUrlAsync();
    }
}
