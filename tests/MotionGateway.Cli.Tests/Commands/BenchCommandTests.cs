using System.Runtime.InteropServices;
using System.Text.Json;
using MotionGateway.Cli.Tests.Checking;
using MotionGateway.Cli.Tests.Configuration;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Cli.Tests.Commands;

/// <summary><c>bench</c> at a deployment in this process.</summary>
[Collection(nameof(ProcessEnvironment))]
[Trait("Category", "EndToEnd")]
public sealed class BenchCommandTests(TestDeployment deployment) : IClassFixture<TestDeployment>
{
    [Fact]
    public async Task Bench_TwoSessionsWithTwoViewers_CountsThemAndTheirMedia()
    {
        var (exitCode, report) = await RunAsync(deployment.Gateway, "--sessions", "2", "--viewers-per-session", "2", "--duration", "2s", "--ramp", "500ms");

        Assert.Equal(ExitCode.Ok, exitCode);
        Assert.Equal((2, 2), Begun(report, "sessions"));
        Assert.Equal((4, 4), Begun(report, "viewers"));
        Assert.Equal("""{"completed":2}""", report.GetProperty("turns").ToString());
        var received = report.GetProperty("received");
        Assert.Equal((0, 0), (received.GetProperty("gaps").GetInt32(), received.GetProperty("reconnects").GetInt32()));
        Assert.True(received.GetProperty("bytes").GetInt64() > 0);
        var delays = report.GetProperty("delays");
        Assert.Equal((2, 2), (Count(delays, "open"), Count(delays, "firstMotion")));
        Assert.True(Count(delays, "audio") > 4 && Count(delays, "motion") >= 4, delays.ToString());
    }

    [Fact]
    public async Task Bench_GatewayWithRoomForOne_CountsTheRefusalByItsReason()
    {
        var gateway = await deployment.StartGatewayAsync(options => options.MaxSessions = 1);

        var (exitCode, report) = await RunAsync(gateway, "--sessions", "2", "--viewers-per-session", "0", "--duration", "1s");

        Assert.Equal(ExitCode.Ok, exitCode);
        Assert.Equal((2, 1), Begun(report, "sessions"));
        Assert.Equal("""{"SESSION_LIMIT":1}""", report.GetProperty("sessions").GetProperty("refused").ToString());
    }

    [Fact]
    public async Task Bench_CtrlC_TellsWhatWasMeasuredSoFar()
    {
        await using var bench = CliProcess.Start(
            ["bench", "--gateway", deployment.Gateway.ToString(), "--no-relay", "--avatar", "stopped", "--duration", "1h", "--json"]);
        using var channel = GatewayChannel.ForAddress(deployment.Gateway);
        var sessions = new SessionService.SessionServiceClient(channel);
        await Eventually.EqualAsync(1, () => sessions.ListSessions(new ListSessionsRequest { AvatarId = "stopped" }).Sessions.Count);

        bench.Signal(PosixSignal.SIGINT);
        using var report = JsonDocument.Parse((await bench.ReadLineAsync())!);

        Assert.True(report.RootElement.GetProperty("stopped").GetBoolean());
        Assert.Equal((1, 1), Begun(report.RootElement, "sessions"));
        Assert.Equal(ExitCode.Interrupted, await bench.WaitForExitAsync());
    }

    [Theory]
    [InlineData("--sessions", "0")]
    [InlineData("--viewers-per-session", "60000")]
    [InlineData("--duration", "2")]
    [InlineData("--ramp", "30s")]
    public async Task Bench_OptionThatIsWrong_IsNamed(string option, string value)
    {
        var (exitCode, _, errors) = await MainRun.RunAsync("bench", option, value);

        Assert.Equal(ExitCode.Usage, exitCode);
        Assert.Contains(option, errors, StringComparison.Ordinal);
    }

    private async Task<(int ExitCode, JsonElement Report)> RunAsync(Uri gateway, params string[] options)
    {
        var (exitCode, output, errors) = await MainRun.RunAsync(
            ["bench", "--gateway", gateway.ToString(), "--relay", deployment.Relay.ToString(), "--json", .. options]);
        Assert.True(output.Length > 0, errors);
        using var document = JsonDocument.Parse(output);
        return (exitCode, document.RootElement.Clone());
    }

    private static (int Asked, int Begun) Begun(JsonElement report, string what) =>
        (report.GetProperty(what).GetProperty("asked").GetInt32(), report.GetProperty(what).GetProperty("begun").GetInt32());

    private static int Count(JsonElement delays, string name) => delays.GetProperty(name).GetProperty("count").GetInt32();
}
