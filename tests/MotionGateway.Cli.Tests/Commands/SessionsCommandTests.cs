using System.Runtime.InteropServices;
using System.Text.Json;

namespace MotionGateway.Cli.Tests.Commands;

/// <summary>The commands of callers, at a gateway that they find by MOTIONGATEWAY_GATEWAY.</summary>
[Trait("Category", "EndToEnd")]
public sealed class SessionsCommandTests(RunningDemo demo) : IClassFixture<RunningDemo>
{
    [Theory]
    [InlineData(true, "--label", "started-by=demo")]
    [InlineData(true, "--state", "active", "--label", "started-by=demo")]
    [InlineData(false, "--state", "closed")]
    [InlineData(false, "--label", "started-by=nobody")]
    [InlineData(false, "--label", "started-by=demo", "--label", "other=1")]
    public async Task List_Filters_LeaveWhatTheyDescribe(bool isThere, params string[] filters)
    {
        string[] lines = await demo.RunAsync(["sessions", "list", "--json", .. filters]);

        Assert.Equal(isThere, lines.Any(line => JsonDocument.Parse(line).RootElement.GetProperty("sessionId").GetString() == demo.SessionId));
        Assert.Contains(isThere ? demo.SessionId : "No sessions.", string.Join('\n', await demo.RunAsync(["sessions", "list", .. filters])), StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_LabelWithoutAValue_IsAUsageError()
    {
        var (exitCode, _, errors) = await CliProcess.RunAsync(["sessions", "list", "--label", "demo"], demo.Environment);

        Assert.Equal(ExitCode.Usage, exitCode);
        Assert.Contains("KEY=VALUE", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_OfASessionThatSpeaks_ShowsItsChanges()
    {
        await using var watch = CliProcess.Start(["sessions", "watch", demo.SessionId, "--json"], demo.Environment);
        Assert.Contains(demo.SessionId, await watch.ReadLineAsync(), StringComparison.Ordinal);

        string turn = JsonDocument.Parse(Assert.Single(await demo.RunAsync("sessions", "tone", demo.SessionId, "--duration-ms", "200", "--json")))
            .RootElement.GetProperty("turnId").GetString()!;

        await ReadUntilAsync(watch, line => line.Contains($"\"turnId\": \"{turn}\"", StringComparison.Ordinal));
        watch.Signal(PosixSignal.SIGINT);
        Assert.Equal(ExitCode.Interrupted, await watch.WaitForExitAsync());
    }

    [Fact]
    public async Task Watch_SaveAndRaw_KeepTheMediaWhole()
    {
        string file = Path.Combine(Path.GetTempPath(), $"motiongateway-{Guid.NewGuid():n}.wav");
        try
        {
            await using var watch = CliProcess.Start(["watch", demo.SessionId, "--from", "live", "--save", file, "--raw"], demo.Environment);
            await ReadUntilAsync(watch, line => line.Contains("\"started\"", StringComparison.Ordinal));
            await demo.RunAsync("sessions", "tone", demo.SessionId, "--duration-ms", "500", "--frequency", "440");
            var audio = await ReadUntilAsync(watch, line => line.Contains("\"turnEnded\"", StringComparison.Ordinal));
            watch.Signal(PosixSignal.SIGINT);
            await watch.WaitForExitAsync();

            byte[] samples = [.. audio.SelectMany(AudioOf)];
            Assert.Equal(16000, samples.Length);
            Assert.Contains(samples, sample => sample != 0);
            Assert.Equal(samples, (await File.ReadAllBytesAsync(file))[44..]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static byte[] AudioOf(string line)
    {
        using var response = JsonDocument.Parse(line);
        return response.RootElement.TryGetProperty("payload", out var payload) && payload.TryGetProperty("audio", out var audio)
            && audio.TryGetProperty("data", out var data) ? data.GetBytesFromBase64() : [];
    }

    private static async Task<List<string>> ReadUntilAsync(CliProcess process, Func<string, bool> condition)
    {
        var lines = new List<string>();
        do
        {
            lines.Add(await process.ReadLineAsync() ?? throw new InvalidOperationException($"It ended after: {string.Join('\n', lines)}"));
        }
        while (!condition(lines[^1]));

        return lines;
    }
}
