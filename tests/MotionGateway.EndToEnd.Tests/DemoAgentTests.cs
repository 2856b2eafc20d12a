using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json;
using Google.Protobuf;
using MotionGateway.Cli.Tests.Audio;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>A viewer talks to the demo over its relay, and the avatar answers.</summary>
[Trait("Category", "EndToEnd")]
public sealed class DemoAgentTests : IAsyncLifetime
{
    private const int SampleRate = 16000;
    private static readonly TimeSpan UntilSaidAgain = TimeSpan.FromSeconds(10);
    private static readonly string[] FreePorts =
        ["--gateway-url", "http://127.0.0.1:0", "--relay-url", "http://127.0.0.1:0", "--motion-server-url", "http://127.0.0.1:0"];

    private readonly DirectoryInfo _path = Directory.CreateTempSubdirectory();
    private ChildProcess? _demo;
    private TestViewer? _viewer;

    public async Task InitializeAsync()
    {
        InstallVoice();
        var environment = new Dictionary<string, string> { ["PATH"] = _path.FullName, ["DOTNET_ENVIRONMENT"] = "Production" };
        _demo = Executable.Start(["demo", "--no-speak", "--json", .. FreePorts], environment);
        await _demo.WaitForLineAsync(line => line.StartsWith('{'));
        var relay = new Uri(Executable.Result(_demo).GetProperty("relayUrl").GetString()!);
        using var http = new HttpClient { BaseAddress = relay };
        var demo = await http.GetFromJsonAsync<JsonElement>("/demo");
        string sessionId = demo.GetProperty("sessionId").GetString()!;
        var feed = new UriBuilder(relay) { Scheme = "ws", Path = $"/v1/sessions/{sessionId}/feed" };
        _viewer = await TestViewer.ConnectAsync(feed.Uri, json: false, acknowledge: true);
        await _viewer.StartAsync(start => (start.SessionId, start.ViewerToken) = (sessionId, demo.GetProperty("viewerToken").GetString()!));
        await _viewer.ReceiveUntilAsync(response => response.Started is not null);
    }

    public async Task DisposeAsync()
    {
        _viewer?.Dispose();
        await (_demo?.DisposeAsync() ?? ValueTask.CompletedTask);
        _path.Delete(recursive: true);
    }

    [Fact]
    public async Task Text_Typed_IsSpokenWithCaptions()
    {
        await TypeAsync("2");

        Assert.Equal(("viewer", "2", null), await CaptionAsync());
        var started = await StartedAsync();
        var ended = await EndedAsync(started.TurnId);

        Assert.Equal(TurnOutcome.Completed, ended.Outcome);
        Assert.Equal(Tone(2), AudioOf(started.TurnId));
        Assert.Equal(("avatar", "2", started.TurnId), Captions().Last());
        Assert.Contains(_viewer!.Payloads, payload => payload.Motion is not null && payload.TurnId == started.TurnId);
    }

    [Fact]
    public async Task Microphone_Utterance_IsSaidBack()
    {
        byte[] voice = Tone(1.5);

        var started = await SpeakUntilAnsweredAsync([.. voice, .. new byte[SampleRate * 2]]);
        var ended = await EndedAsync(started.TurnId);

        Assert.Equal(TurnOutcome.Completed, ended.Outcome);
        Assert.True(AudioOf(started.TurnId).AsSpan().IndexOf(voice) >= 0, "Something else was said.");
        Assert.Equal("viewer", (await CaptionAsync()).Role);
    }

    [Fact]
    public async Task Microphone_SwitchedOffInMidSentence_IsSaidBack()
    {
        byte[] voice = Tone(1), said = [];

        // Where a busy machine let a second pass within the sentence, that was its end.
        for (int left = 3; left > 0 && !said.AsSpan().SequenceEqual(voice); left--)
        {
            var started = await SpeakUntilAnsweredAsync(voice);
            await EndedAsync(started.TurnId);
            said = AudioOf(started.TurnId);
        }

        Assert.Equal(voice, said);
    }

    [Fact]
    public async Task Interrupt_InMidAnswer_StopsItAndTheNextIsAnswered()
    {
        await TypeAsync("20");
        var first = await StartedAsync();
        await _viewer!.ReceiveUntilAsync(response => response.Payload?.Motion is not null);
        await _viewer.SendAsync(new SubscribeRequest { ViewerEvent = new ViewerEvent { Interrupt = new ViewerInterrupt { TurnId = first.TurnId } } });
        Assert.Equal(TurnOutcome.Interrupted, (await EndedAsync(first.TurnId)).Outcome);

        await TypeAsync("1");
        var second = await StartedAsync();
        Assert.Equal(TurnOutcome.Completed, (await EndedAsync(second.TurnId)).Outcome);
        Assert.Equal(Tone(1), AudioOf(second.TurnId));
    }

    [Fact]
    public async Task Text_InMidAnswer_TakesItsPlace()
    {
        await TypeAsync("20");
        var first = await StartedAsync();
        await TypeAsync("1");

        Assert.Equal(TurnOutcome.Interrupted, (await EndedAsync(first.TurnId)).Outcome);
        var second = await StartedAsync();
        Assert.Equal(TurnOutcome.Completed, (await EndedAsync(second.TurnId)).Outcome);
        Assert.Equal(Tone(1), AudioOf(second.TurnId));
    }

    private static byte[] Tone(double seconds)
    {
        short[] samples = [.. Enumerable.Range(0, (int)(seconds * SampleRate)).Select(i => (short)(8000 * Math.Sin(i * 0.09)))];
        return MemoryMarshal.AsBytes(samples.AsSpan()).ToArray();
    }

    // A program that speaks numbers: as many seconds of a tone.
    private void InstallVoice()
    {
        foreach (int seconds in new[] { 1, 2, 20 })
        {
            File.WriteAllBytes(Path.Combine(_path.FullName, $"{seconds}.wav"), new WavBytes { Samples = Tone(seconds) }.ToArray());
        }

        string program = Path.Combine(_path.FullName, "espeak-ng");
        File.WriteAllText(program, $"#!/bin/sh\nexec /bin/cat '{_path.FullName}/'$(/bin/cat).wav\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private Task TypeAsync(string text) => _viewer!.SendAsync(new SubscribeRequest { ViewerEvent = new ViewerEvent { Text = text } });

    private async Task SpeakAsync(byte[] samples)
    {
        // At once: a relay takes two seconds of it, and more only as it is spoken.
        foreach (byte[] piece in samples.Chunk(SampleRate / 25 * sizeof(short)))
        {
            var audio = new MicrophoneAudio { SampleRate = SampleRate, Data = ByteString.CopyFrom(piece) };
            await _viewer!.SendAsync(new SubscribeRequest { ViewerEvent = new ViewerEvent { MicrophoneAudio = audio } });
        }
    }

    // A relay drops speech that waited for two seconds, as it does on a machine that has no time for it: people would say it again.
    private async Task<Payload> SpeakUntilAnsweredAsync(byte[] samples)
    {
        var answer = StartedAsync();
        do
        {
            await SpeakAsync(samples);
        }
        while (await Task.WhenAny(answer, Task.Delay(UntilSaidAgain)) != answer);
        return await answer;
    }

    private async Task<Payload> StartedAsync() => (await _viewer!.ReceiveUntilAsync(response => response.Payload?.TurnStarted is not null)).Payload;

    private async Task<TurnEnded> EndedAsync(string turnId) =>
        (await _viewer!.ReceiveUntilAsync(response => response.Payload?.TurnEnded is not null && response.Payload.TurnId == turnId)).Payload.TurnEnded;

    private async Task<(string Role, string Text, string? TurnId)> CaptionAsync()
    {
        if (!Captions().Any())
        {
            await _viewer!.ReceiveUntilAsync(response => response.Payload?.ViewerMessage is not null);
        }

        return Captions().First();
    }

    private IEnumerable<(string Role, string Text, string? TurnId)> Captions() =>
        from payload in _viewer!.Payloads
        where payload.ViewerMessage?.Kind == "transcript"
        let caption = JsonSerializer.Deserialize<JsonElement>(payload.ViewerMessage.Text)
        select (caption.GetProperty("role").GetString()!, caption.GetProperty("text").GetString()!, caption.GetProperty("turnId").GetString());

    private byte[] AudioOf(string turnId) =>
        [.. _viewer!.Payloads.Where(payload => payload.TurnId == turnId && payload.Audio is not null).SelectMany(payload => payload.Audio.Data)];
}
