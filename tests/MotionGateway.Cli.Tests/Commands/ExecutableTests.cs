using System.Net;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json;
using MotionGateway.LocalMotion.Faults;

namespace MotionGateway.Cli.Tests.Commands;

[Trait("Category", "EndToEnd")]
public sealed class ExecutableTests
{
    private static readonly string[] FreePorts =
        ["--gateway-url", "http://127.0.0.1:0", "--relay-url", "http://127.0.0.1:0", "--motion-server-url", "http://127.0.0.1:0"];

    [Fact]
    public async Task Demo_OnceJson_ReceivesAllThatWasSaid()
    {
        var (exitCode, output, errors) = await CliProcess.RunAsync(["demo", "--once", "--json", .. FreePorts]);

        Assert.True(exitCode == 0, errors);
        using var report = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]);
        var root = report.RootElement;
        Assert.NotEmpty(root.GetProperty("sessionId").GetString()!);
        Assert.Equal(1, root.GetProperty("turns").GetInt32());
        long sent = root.GetProperty("audioBytesSent").GetInt64();
        Assert.Equal(sent, root.GetProperty("audioBytesReceived").GetInt64());
        Assert.Equal(Math.Max(1, sent / 2 * 25 / 16000), root.GetProperty("keyframes").GetInt64());
        Assert.True(root.GetProperty("motionMessages").GetInt32() > 1);
        Assert.True(root.GetProperty("lastSequence").GetInt64() > root.GetProperty("motionMessages").GetInt64());
        Assert.True(root.GetProperty("ordered").GetBoolean());
        Assert.True(root.GetProperty("timeToFirstMotionMs").GetDouble() > 0);
        Assert.StartsWith("Starting a local Motion Server", errors, StringComparison.Ordinal);
        Assert.Contains("LOCAL MOTION SERVER", errors, StringComparison.Ordinal);
        Assert.Matches(@"turn-1: \d+\.\d of \d+\.\d s heard", errors);
    }

    [Fact]
    public async Task Demo_DeliveredAsOpus_ReceivesAllThatWasSaidInFewerBytes()
    {
        var (exitCode, output, errors) = await CliProcess.RunAsync(["demo", "--once", "--json", "--deliver", "opus", .. FreePorts]);

        Assert.True(exitCode == 0, errors);
        using var report = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]);
        var root = report.RootElement;
        Assert.Equal(root.GetProperty("clipMs").GetDouble(), root.GetProperty("audioMs").GetDouble(), 0.01);
        Assert.Equal(root.GetProperty("expectedKeyframes").GetInt64(), root.GetProperty("keyframes").GetInt64());
        Assert.True(root.GetProperty("ordered").GetBoolean());
        Assert.InRange(root.GetProperty("audioBytesReceived").GetInt64(), 1, root.GetProperty("audioBytesSent").GetInt64() / 2);
    }

    [Fact]
    public async Task Demo_Serving_HandsOutTokensSaysWavAndEndsByCtrlC()
    {
        await using var cli = CliProcess.Start(["demo", "--no-speak", "--json", .. FreePorts]);
        using var started = JsonDocument.Parse((await cli.ReadLineAsync())!);
        using var http = new HttpClient { BaseAddress = new Uri(started.RootElement.GetProperty("relayUrl").GetString()!) };

        var demo = await http.GetFromJsonAsync<JsonElement>("/demo");
        Assert.Equal(started.RootElement.GetProperty("sessionId").GetString(), demo.GetProperty("sessionId").GetString());
        Assert.NotEmpty(demo.GetProperty("viewerToken").GetString()!);
        Assert.Equal("welcome.wav", demo.GetProperty("clip").GetProperty("name").GetString());

        using var said = await http.PostAsync("/demo/say", new ByteArrayContent(new Audio.WavBytes { Samples = new byte[3200] }.ToArray()));
        Assert.Equal(HttpStatusCode.Accepted, said.StatusCode);
        using var opus = await http.PostAsync("/demo/say", new ByteArrayContent(Audio.OpusBytes.Encode(Audio.OpusBytes.Tone(0.1))));
        Assert.Equal(HttpStatusCode.Accepted, opus.StatusCode);
        using var refused = await http.PostAsync("/demo/say", new ByteArrayContent(new Audio.WavBytes { Rate = 96000 }.ToArray()));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("96000", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var foreign = new HttpRequestMessage(HttpMethod.Get, "/demo") { Headers = { { "Origin", "https://example.com" } } };
        using var forbidden = await http.SendAsync(foreign);
        Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);

        cli.Signal(PosixSignal.SIGINT);
        Assert.Equal(ExitCode.Interrupted, await cli.WaitForExitAsync());
        string told = await cli.ReadErrorsAsync();
        Assert.Contains($"open {started.RootElement.GetProperty("relayUrl").GetString()}/ ", told, StringComparison.Ordinal);
        Assert.DoesNotContain("token=", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gateway_NoCredentials_RefusesAndNamesWhatToSet()
    {
        var (exitCode, _, errors) = await CliProcess.RunAsync(["gateway", "--urls", "http://127.0.0.1:0"]);

        Assert.Equal(ExitCode.Usage, exitCode);
        Assert.Contains("MOTIONGATEWAY__GATEWAY__MOTIONSERVER__APIKEY", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gateway_PortInUse_SaysSoInOneLine()
    {
        await using var first = CliProcess.Start(["motion-server", "--urls", "http://127.0.0.1:0"]);
        string url = await first.ReadUrlAsync();

        var (exitCode, output, errors) = await CliProcess.RunAsync(
            ["gateway", "--urls", url], ("DOTNET_ENVIRONMENT", "Development"));

        Assert.Equal(ExitCode.Failure, exitCode);
        Assert.Empty(output);
        Assert.Contains($"cannot listen on {url}", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);

        first.Signal(PosixSignal.SIGTERM);
        Assert.Equal(ExitCode.Ok, await first.WaitForExitAsync());
    }

    [Fact]
    public async Task MotionServer_ListFaults_PrintsEachInOneLineWithItsOutcome()
    {
        var (exitCode, output, _) = await CliProcess.RunAsync(["motion-server", "--list-faults"]);
        var (_, json, _) = await CliProcess.RunAsync(["motion-server", "--list-faults", "--json"]);

        Assert.Equal(ExitCode.Ok, exitCode);
        Assert.Equal(FaultCatalog.All.Count, Lines(output).Length);
        Assert.All(FaultCatalog.All.Zip(Lines(output)), pair =>
        {
            Assert.StartsWith($"{pair.First.Name} ", pair.Second, StringComparison.Ordinal);
            Assert.Contains($"  {pair.First.Outcome} ", pair.Second, StringComparison.Ordinal);
            Assert.EndsWith($"  {pair.First.Description}", pair.Second, StringComparison.Ordinal);
        });
        Assert.Equal(FaultCatalog.All.Count, Lines(json).Length);
        Assert.Contains(
            """outcome":{"kind":"error","code":"concurrencyLimit","phase":"websocket_handshake","retry":"delayed","connectionStays":false,"session":"audio_only"}}""",
            Lines(json).Single(line => line.Contains("\"fault-server-error-4003@handshake\"", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_MisspeltCommand_SuggestsTheRightOne()
    {
        var (exitCode, _, errors) = await CliProcess.RunAsync(["spek"]);

        Assert.Equal(ExitCode.Usage, exitCode);
        Assert.Contains("did you mean 'speak'?", errors, StringComparison.Ordinal);
    }

    private static string[] Lines(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
