using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json;
using MotionGateway.Cli.Tests.Audio;
using MotionGateway.Cli.Viewing;
using MotionGateway.V1;

namespace MotionGateway.Cli.Tests.Commands;

[Trait("Category", "EndToEnd")]
public sealed class SpeakCommandTests(RunningDemo demo) : IClassFixture<RunningDemo>, IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"motiongateway-{Guid.NewGuid():n}.wav");

    [Fact]
    public async Task Speak_WhileItRuns_NamesAPageThatShowsItAndTellsWhatViewersDo()
    {
        await File.WriteAllBytesAsync(_file, new WavBytes { Samples = new byte[3200] }.ToArray());
        await using var speak = CliProcess.Start(["speak", _file, "--hold", "--json"], demo.Environment);
        using var opened = JsonDocument.Parse((await speak.ReadLineAsync())!);
        string session = opened.RootElement.GetProperty("opened").GetProperty("sessionId").GetString()!;
        var page = new Uri(opened.RootElement.GetProperty("opened").GetProperty("page").GetString()!);
        Assert.StartsWith($"{demo.RelayUrl}/#session={session}&token=", page.ToString(), StringComparison.Ordinal);

        string token = page.Fragment[(page.Fragment.IndexOf("token=", StringComparison.Ordinal) + "token=".Length)..];
        await using (var viewer = await ViewAsync(session, token))
        {
            Assert.Equal(session, (await viewer.ReceiveAsync(CancellationToken.None))?.Started?.SessionId);
        }

        await using var talker = await ViewAsync(session, Assert.Single(await demo.RunAsync("sessions", "token", session, "--viewer", "anna", "--may-talk")));
        Assert.NotNull((await talker.ReceiveAsync(CancellationToken.None))?.Started);
        await talker.SendAsync(new SubscribeRequest { ViewerEvent = new ViewerEvent { Text = "Hello there" } }, CancellationToken.None);
        string? line;
        do
        {
            line = await speak.ReadLineAsync();
        }
        while (line?.Contains("\"viewerEvent\"", StringComparison.Ordinal) == false);

        speak.Signal(PosixSignal.SIGINT);
        Assert.Equal(ExitCode.Interrupted, await speak.WaitForExitAsync());
        Assert.Contains("Hello there", line, StringComparison.Ordinal);
        string errors = await speak.ReadErrorsAsync();
        Assert.Contains($"page {page}", errors, StringComparison.Ordinal);
        Assert.Contains("viewer anna says: Hello there", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Speak_ToARelay_SaysThatItIsNoGateway()
    {
        await File.WriteAllBytesAsync(_file, new WavBytes().ToArray());

        var (exitCode, output, errors) = await CliProcess.RunAsync(["speak", _file, "--gateway", demo.RelayUrl]);

        Assert.Equal((ExitCode.Failure, ""), (exitCode, output));
        Assert.Contains("is it the address of a relay? Name the gateway's with --gateway.", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP_1_1_REQUIRED", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Speak_TheMotionServerFailsAndMotionIsAskedForAgain_IsASuccess()
    {
        byte[] noise = new byte[3 * 32_000];
        new Random(1).NextBytes(noise);
        await File.WriteAllBytesAsync(_file, new WavBytes { Samples = noise }.ToArray());
        using var http = new HttpClient { DefaultRequestHeaders = { { "X-Api-Key", "local-key" } } };
        using var armed = await http.PostAsJsonAsync(
            $"{demo.MotionServerUrl}/control/faults", new { fault = "fault-close-4503@motion", avatarId = "shaky", count = 1 });
        armed.EnsureSuccessStatusCode();

        var (exitCode, output, errors) = await CliProcess.RunAsync(["speak", _file, "--avatar", "shaky", "--json"], demo.Environment);

        Assert.True(exitCode == ExitCode.Ok, errors);
        using var told = JsonDocument.Parse(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
        var turn = Assert.Single(told.RootElement.GetProperty("turns").EnumerateArray());
        Assert.Equal(("completed", 1), (turn.GetProperty("outcome").GetString(), turn.GetProperty("recoveries").GetInt32()));
        Assert.False(turn.TryGetProperty("error", out var error) && error.ValueKind != JsonValueKind.Null, output);
    }

    public void Dispose() => File.Delete(_file);

    private async Task<WebSocketFeed> ViewAsync(string session, string token)
    {
        var feed = await WebSocketFeed.ConnectAsync(new Uri(demo.RelayUrl), session, http: null, CancellationToken.None);
        await feed.SendAsync(new SubscribeRequest { Start = new StartFeed { SessionId = session, ViewerToken = token } }, CancellationToken.None);
        return feed;
    }
}
