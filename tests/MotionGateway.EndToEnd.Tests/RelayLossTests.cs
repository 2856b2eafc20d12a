using System.Net.WebSockets;
using System.Text.Json;
using Google.Protobuf;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>The relay dies in mid-turn and comes back: the speaker sees nothing of it, and viewers lose nothing.</summary>
[Trait("Category", "Chaos")]
public sealed class RelayLossTests : IAsyncLifetime
{
    private const double Seconds = 6;

    private readonly RunningServices _services = new();
    private readonly string _pipe = Path.Combine(Path.GetTempPath(), $"motiongateway-{Guid.NewGuid():n}.pcm");

    public async Task InitializeAsync()
    {
        await ChildProcess.RunAsync("mkfifo", [_pipe]);
        await _services.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await _services.DisposeAsync();
        File.Delete(_pipe);
    }

    [Fact]
    public async Task Relay_KilledAndStartedAgainInMidTurn_CostsNobodyAnything()
    {
        await using var speak = Executable.Start("speak", _pipe, "--rate", "16000", "--json", "--gateway", _services.GatewayUrl.ToString());
        await using var voice = new FileStream(_pipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        string told = await speak.WaitForLineAsync(line => line.StartsWith("session ", StringComparison.Ordinal));
        string id = told["session ".Length..told.IndexOf(',', StringComparison.Ordinal)];
        using var reader = await FeedReader.OpenAsync(_services.Feed, id);
        var reading = reader.ReadToEndAsync();
        await WriteAsync(voice, Clip.Read(3));
        await using var watch = await WatchAsync(id);
        using var before = await _services.ViewAsync(id);
        await before.ReceiveUntilAsync(response => response.Payload?.Motion is not null);

        await _services.KillRelayAsync();
        await ReceiveToLossAsync(before);
        await WriteAsync(voice, Clip.Read(1, fromSecond: 3));
        using var witness = await FeedReader.OpenAsync(_services.Feed, id);
        await witness.WaitForAsync(response => response.Payload?.Audio?.FirstSample >= 3 * Clip.SampleRate);
        await _services.RestartRelayAsync();
        var last = before.Payloads.Last();
        using var after = await _services.ViewAsync(id, position: new Position { Epoch = last.Epoch, Sequence = last.Sequence });
        var resumed = after.Started;
        await WriteAsync(voice, Clip.Read(Seconds - 4, fromSecond: 4));
        await voice.DisposeAsync();
        Assert.Null(await after.ReceiveToEndAsync());

        Assert.True(await speak.WaitAsync(Executable.Limit) == 0, speak.ToString());
        AssertSpeakerNoticedNothing(speak);
        Assert.Equal(last.Sequence, resumed.Position.Sequence);
        AssertSame((await reading).Payloads(), before.Payloads.Concat(after.Payloads));
        Assert.True(await watch.WaitAsync(Executable.Limit) == 0, watch.ToString());
        AssertWatched(watch, (await reading).Payloads());
    }

    [Fact]
    public async Task Relay_BackAfterTheSessionsEnd_GivesTheRest()
    {
        using var speaker = await Speaker.OpenAsync(_services.Speech);
        string id = speaker.Opened.SessionId;
        using var before = await _services.ViewAsync(id);
        await speaker.SayAsync(Clip.Read(Seconds), "turn");
        await before.ReceiveUntilAsync(response => response.Payload?.Motion is not null);

        await _services.KillRelayAsync();
        await ReceiveToLossAsync(before);
        await speaker.WaitForAsync(response => response.Payload?.TurnEnded is not null);
        await speaker.FinishAsync();
        await speaker.WaitForEndAsync();
        await _services.RestartRelayAsync();
        var last = before.Payloads.Last();
        using var after = await _services.ViewAsync(id, position: new Position { Epoch = last.Epoch, Sequence = last.Sequence });

        Assert.Null(await after.ReceiveToEndAsync());
        AssertSame(speaker.Received.Where(response => response.Payload is not null).Select(response => response.Payload), before.Payloads.Concat(after.Payloads));
    }

    private static async Task WriteAsync(FileStream voice, byte[] speech)
    {
        await voice.WriteAsync(speech);
        await voice.FlushAsync();
    }

    private async Task<ChildProcess> WatchAsync(string id)
    {
        var environment = new Dictionary<string, string> { ["MOTIONGATEWAY_VIEWER_TOKEN"] = await _services.CreateTokenAsync(id) };
        var watch = Executable.Start(["watch", id, "--relay", _services.RelayUrl.ToString(), "--json", "--until-closed"], environment);
        await watch.WaitForLineAsync(line => line.Contains("\"audio\"", StringComparison.Ordinal));
        return watch;
    }

    private static async Task ReceiveToLossAsync(TestViewer viewer)
    {
        try
        {
            await viewer.ReceiveToEndAsync();
            Assert.Fail("The relay said good-bye: it was not killed.");
        }
        catch (Exception loss) when (loss is WebSocketException or IOException)
        {
            Assert.Contains(viewer.Payloads, payload => payload.Audio is not null);
        }
    }

    private static void AssertSpeakerNoticedNothing(ChildProcess speak)
    {
        long bytes = Clip.Read(Seconds).Length;
        var turn = Executable.Result(speak).GetProperty("turns").EnumerateArray().Single();
        Assert.Equal("completed", turn.GetProperty("outcome").GetString());
        Assert.Equal(bytes, turn.GetProperty("audioBytesSent").GetInt64());
        Assert.Equal(0, turn.GetProperty("discardedBytes").GetInt64());
        Assert.Equal(bytes / 2, turn.GetProperty("samples").GetInt64());
        Assert.Equal(Clip.CountKeyframes(bytes), turn.GetProperty("keyframes").GetInt64());
        Assert.False(turn.TryGetProperty("error", out _), speak.ToString());
    }

    // The reader at the gateway never lost its connection: it is the measure.
    private static void AssertSame(IEnumerable<Payload> expected, IEnumerable<Payload> actual)
    {
        var seen = actual.ToList();
        Assert.Equal(Enumerable.Range(1, seen.Count).Select(sequence => (long)sequence), seen.Select(payload => payload.Sequence));
        Assert.Equal(expected.Select(payload => payload.ToByteString()), seen.Select(payload => payload.ToByteString()));
        Assert.Equal(Clip.Read(Seconds), seen.Audio());
        Assert.NotNull(seen[^1].SessionEnded);
    }

    private static void AssertWatched(ChildProcess watch, IEnumerable<Payload> expected)
    {
        var sequences = watch.Lines.Where(line => line.StartsWith('{')).Select(Sequence);
        Assert.Equal(expected.Select(payload => payload.Sequence), sequences);
        Assert.Contains(watch.Lines, line => !line.StartsWith('{'));
    }

    private static long Sequence(string line)
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty("sequence").GetInt64();
    }
}
