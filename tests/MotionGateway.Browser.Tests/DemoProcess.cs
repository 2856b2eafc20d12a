using System.Text.Json;
using MotionGateway.Testing;

namespace MotionGateway.Browser.Tests;

/// <summary>The built executable as a demo on free ports, and what checks need to reach it.</summary>
internal sealed class DemoProcess : IAsyncDisposable
{
    private static readonly string Executable = Path.Combine(AppContext.BaseDirectory, "motiongateway.dll");

    private static readonly string[] FreePorts =
        ["--gateway-url", "http://127.0.0.1:0", "--relay-url", "http://127.0.0.1:0", "--motion-server-url", "http://127.0.0.1:0"];

    private readonly ChildProcess _process;

    private DemoProcess(ChildProcess process, JsonElement started)
    {
        _process = process;
        PageUrl = started.GetProperty("page").GetString()!;
        GatewayUrl = started.GetProperty("gatewayUrl").GetString()!;
    }

    /// <summary>Address of the page, with session and token.</summary>
    public string PageUrl { get; }

    /// <summary>Runs a second relay for the demo's gateway.</summary>
    public string[] RelayCommand => ["dotnet", Executable, "relay", "--log-level", "Error", "--gateway", GatewayUrl];

    private string GatewayUrl { get; }

    /// <summary>Starts a demo that says nothing by itself.</summary>
    public static async Task<DemoProcess> StartAsync(params string[] options)
    {
        var process = ChildProcess.Start("dotnet", [Executable, "demo", "--json", "--no-speak", .. FreePorts, .. options], Path.GetTempPath());
        try
        {
            await Eventually.TrueAsync(() => process.Lines.Any(IsStarted));
            using var started = JsonDocument.Parse(process.Lines.First(IsStarted));
            return new DemoProcess(process, started.RootElement.Clone());
        }
        catch (TimeoutException exception)
        {
            string output = process.ToString();
            await process.DisposeAsync();
            throw new TimeoutException($"The demo did not start:{Environment.NewLine}{output}", exception);
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static bool IsStarted(string line) => line.StartsWith('{');
}
