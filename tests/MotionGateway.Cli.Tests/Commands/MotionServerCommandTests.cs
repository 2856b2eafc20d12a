using System.Runtime.InteropServices;
using MotionGateway.LocalMotion;
using MotionGateway.MotionServer;

namespace MotionGateway.Cli.Tests.Commands;

[Trait("Category", "EndToEnd")]
public sealed class MotionServerCommandTests : IDisposable
{
    private const int Rate = 16000;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("cassette-");

    private string Cassette => Path.Combine(_directory.FullName, "session.jsonl");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task RecordAndReplay_OfASession_GiveTheSameMotion()
    {
        await using LocalMotionServer upstream = await LocalMotionServer.StartAsync();
        int[] recorded = await SpeakAsync(
            ["--record", Cassette, "--upstream-console", upstream.ConsoleUrl.ToString(), "--upstream-ingress", upstream.IngressUrl.ToString()]);
        Assert.Equal([50, 100], recorded);
        Assert.DoesNotContain("local-key", await File.ReadAllTextAsync(Cassette), StringComparison.Ordinal);

        Assert.Equal(recorded, await SpeakAsync(["--replay", Cassette]));
        Assert.Equal(1, upstream.Counters.ConnectionsAccepted);
    }

    [Fact]
    public async Task Replay_OfAWrongFile_FailsWithTheLine()
    {
        await File.WriteAllTextAsync(Cassette, "{\"format\":\"motiongateway-cassette\",\"version\":1}\n{\"kind\":\"token\"");
        var (exitCode, _, errors) = await CliProcess.RunAsync(["motion-server", "--replay", Cassette, "--urls", "http://127.0.0.1:0"]);

        Assert.Equal(ExitCode.Failure, exitCode);
        Assert.Contains($"{Cassette}:2: the last line is cut off", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Record_WithoutTheOtherServer_NamesWhatIsMissing()
    {
        var (exitCode, _, errors) = await CliProcess.RunAsync(["motion-server", "--record", Cassette, "--urls", "http://127.0.0.1:0"]);

        Assert.Equal(ExitCode.Usage, exitCode);
        Assert.Contains("Record:ConsoleUrl", errors, StringComparison.Ordinal);
        Assert.Contains("Record:IngressUrl", errors, StringComparison.Ordinal);
        Assert.False(File.Exists(Cassette));
    }

    [Fact]
    public async Task Options_ThatAreWrong_AreNamedAsTheyAreTyped()
    {
        var (exitCode, _, errors) = await CliProcess.RunAsync(
            ["motion-server", "--record", Cassette, "--upstream-console", "http://127.0.0.1:1", "--upstream-ingress", "ftp://127.0.0.1", "--first-segment-ms", "41", "--set", "MotionServer:MaxConnections=0"]);

        Assert.Equal(ExitCode.Usage, exitCode);
        Assert.Contains("--upstream-ingress (MotionServer:Record:IngressUrl) is no ws, wss, http or https URL.", errors, StringComparison.Ordinal);
        Assert.Contains("--first-segment-ms (MotionServer:FirstSegment) is not a multiple of 40 ms", errors, StringComparison.Ordinal);
        Assert.Contains("  MotionServer:MaxConnections is not positive.", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("motion-server")]
    [InlineData("gateway")]
    [InlineData("relay")]
    public async Task Urls_AtAFreePortOfLocalhost_AreRefusedWithTheRemedy(string command)
    {
        var (exitCode, _, errors) = await CliProcess.RunAsync([command, "--urls", "http://localhost:0"], ("DOTNET_ENVIRONMENT", "Development"));

        Assert.Equal(ExitCode.Usage, exitCode);
        Assert.Contains("127.0.0.1:0", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    /// <summary>Starts a server, speaks for six seconds and returns the keyframes of each motion message.</summary>
    private static async Task<int[]> SpeakAsync(string[] arguments)
    {
        await using var cli = CliProcess.Start(["motion-server", "--urls", "http://127.0.0.1:0", "--log-level", "none", .. arguments]);
        var url = new Uri(await cli.ReadUrlAsync());
        await using var client = new MotionServerClient(new MotionServerOptions
        {
            AppId = "local-app",
            ApiKey = "local-key",
            ConsoleUrl = new Uri(url, "/v1/console"),
            IngressUrl = new Uri(url, "/v2/driveningress"),
            // The process beside has just begun, on what may be a busy machine.
            StepTimeout = TimeSpan.FromMinutes(1),
        });
        var keyframes = new List<int>();
        await using (IMotionConnection connection = await client.ConnectAsync("avatar", new MotionAudioFormat(Rate)))
        {
            await using IMotionRequest turn = connection.StartRequest();
            await turn.SendAsync(new byte[6 * 2 * Rate]);
            await turn.EndAsync();
            await foreach (MotionMessage message in turn.ReadMotionAsync())
            {
                keyframes.Add(message.KeyframeCount);
            }
        }

        cli.Signal(PosixSignal.SIGTERM);
        Assert.Equal(ExitCode.Ok, await cli.WaitForExitAsync());
        return [.. keyframes];
    }
}
