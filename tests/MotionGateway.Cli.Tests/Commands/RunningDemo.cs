using System.Text.Json;

namespace MotionGateway.Cli.Tests.Commands;

/// <summary>A demo that says nothing by itself, for the commands that call a gateway or a relay.</summary>
public sealed class RunningDemo : IAsyncLifetime
{
    private const string FreePort = "http://127.0.0.1:0";
    private CliProcess? _process;

    /// <summary>The gateway's address.</summary>
    public string GatewayUrl { get; private set; } = "";

    /// <summary>The relay's address.</summary>
    public string RelayUrl { get; private set; } = "";

    /// <summary>The local Motion Server's address.</summary>
    public string MotionServerUrl { get; private set; } = "";

    /// <summary>The demo's session.</summary>
    public string SessionId { get; private set; } = "";

    /// <summary>The variables by which commands find both.</summary>
    internal (string Name, string? Value)[] Environment => [("MOTIONGATEWAY_GATEWAY", GatewayUrl), ("MOTIONGATEWAY_RELAY", RelayUrl)];

    public async Task InitializeAsync()
    {
        _process = CliProcess.Start(
            ["demo", "--no-speak", "--json", "--gateway-url", FreePort, "--relay-url", FreePort, "--motion-server-url", FreePort]);
        using var started = JsonDocument.Parse((await _process.ReadLineAsync())!);
        GatewayUrl = started.RootElement.GetProperty("gatewayUrl").GetString()!;
        MotionServerUrl = started.RootElement.GetProperty("motionServerUrl").GetString()!;
        RelayUrl = started.RootElement.GetProperty("relayUrl").GetString()!;
        SessionId = started.RootElement.GetProperty("sessionId").GetString()!;
    }

    public async Task DisposeAsync() => await _process!.DisposeAsync();

    /// <summary>Runs a command at this demo and expects that it succeeds.</summary>
    internal async Task<string[]> RunAsync(params string[] arguments)
    {
        var (exitCode, output, errors) = await CliProcess.RunAsync(arguments, Environment);
        Assert.True(exitCode == 0, errors);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
