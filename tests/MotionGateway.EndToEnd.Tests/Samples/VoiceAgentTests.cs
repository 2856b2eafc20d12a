using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Google.Protobuf;
using MotionGateway.Chaos.Tests.Network;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EndToEnd.Tests.Samples;

/// <summary>The voice agent speaks what is typed, and is interrupted by whoever talks or types.</summary>
[Collection(nameof(OtherServices))]
[Trait("Category", "Interop")]
public sealed class VoiceAgentTests(RunningServices services)
{
    private const string Espeak = "espeak-ng";
    private const string Remedy = "apt-get install espeak-ng python3-grpcio protobuf-compiler protobuf-compiler-grpc";
    private const string Opened = "Opened: ";

    // Of some 30 seconds: it plays still when a test on a slow machine comes to interrupt it.
    private static readonly string Long = string.Join(' ', Enumerable.Repeat("Whoever says this is not soon done.", 12));

    [RequiresToolFact(Espeak, Remedy)]
    public async Task Agent_WhoeverTalksOrTypes_InterruptsIt()
    {
        await using var agent = new Sample("voice-agent").Start(services.GatewayUrl, services.RelayUrl);
        using var viewer = await ViewAsync(agent);

        await agent.TypeAsync("One.");
        await agent.TypeAsync(Long);
        await EndedAsync(agent, "turn-1", TurnOutcome.Completed);
        await StartedAsync(viewer, "turn-2");
        await viewer.SendAsync(Event(new ViewerEvent { Text = "Two." }));
        await EndedAsync(agent, "turn-2", TurnOutcome.Interrupted);
        await EndedAsync(agent, "turn-3", TurnOutcome.Completed);
        await agent.TypeAsync(Long);
        await StartedAsync(viewer, "turn-4");
        await viewer.SendAsync(Event(new ViewerEvent { MicrophoneAudio = Voice() }));
        await EndedAsync(agent, "turn-4", TurnOutcome.Interrupted);
        await agent.TypeAsync(Long);
        await StartedAsync(viewer, "turn-5");
        await agent.TypeAsync("");
        await EndedAsync(agent, "turn-5", TurnOutcome.Interrupted);
        agent.EndInput();

        Assert.Equal(0, await agent.WaitAsync());
        Assert.Equal(
            [("avatar", "One."), ("avatar", Long), ("viewer", "Two."), ("avatar", "You said: Two."), ("avatar", Long), ("avatar", Long)], Captions(viewer));
    }

    [RequiresToolFact(Espeak, Remedy)]
    public async Task Agent_CallBroken_ResumesAndSaysEverything()
    {
        await using var network = new ChaosProxy(services.GatewayUrl.Port);
        await using var agent = new Sample("voice-agent").Start(new Uri($"http://{network.Address}"), services.RelayUrl);
        using var viewer = await ViewAsync(agent);

        const string first = "This is said while the call breaks.", second = "And this was typed meanwhile.";

        await agent.TypeAsync(first);
        await StartedAsync(viewer, "turn-1");
        network.IsRefusing = true;
        network.ToAll(connection => connection.Cut());
        await agent.WaitForLineAsync(line => line.StartsWith("The call broke", StringComparison.Ordinal));
        await agent.TypeAsync(second);
        network.IsRefusing = false;
        await agent.WaitForLineAsync(line => line.StartsWith("Resumed: ", StringComparison.Ordinal));
        agent.EndInput();
        await viewer.ReceiveUntilAsync(response => response.Payload?.SessionEnded is not null);

        Assert.Equal(0, await agent.WaitAsync());
        Assert.Equal(
            [("turn-1", await CountSamplesAsync(first)), ("turn-2", await CountSamplesAsync(second))],
            from payload in viewer.Payloads where payload.TurnSealed is not null select (payload.TurnId, payload.TurnSealed.SampleCount));
        Assert.Equal(
            ["turn-1: TURN_OUTCOME_COMPLETED", "turn-2: TURN_OUTCOME_COMPLETED"],
            from line in agent.Lines where line.Contains("_OUTCOME_", StringComparison.Ordinal) select line.Split(',')[0]);
    }

    // What the voice says to a text, all of it.
    private static async Task<long> CountSamplesAsync(string text)
    {
        const int header = 44;
        var lines = await ChildProcess.RunAsync("bash", ["-c", $"echo -n '{text}' | {Espeak} --stdin --stdout | wc -c"]);
        return (long.Parse(lines.Single(), CultureInfo.InvariantCulture) - header) / sizeof(short);
    }

    // Through the page's address, as a browser does.
    private static async Task<TestViewer> ViewAsync(ChildProcess agent)
    {
        var page = new Uri((await agent.WaitForLineAsync(line => line.StartsWith(Opened, StringComparison.Ordinal)))[Opened.Length..]);
        var fragment = page.Fragment.TrimStart('#').Split('&').ToDictionary(part => part.Split('=')[0], part => part.Split('=')[1]);
        var feed = new UriBuilder(page) { Scheme = "ws", Path = $"/v1/sessions/{fragment["session"]}/feed", Fragment = "" };
        var viewer = await TestViewer.ConnectAsync(feed.Uri, json: false, acknowledge: true);
        await viewer.StartAsync(start => start.ViewerToken = fragment["token"]);
        await viewer.ReceiveUntilAsync(response => response.Started is not null);
        return viewer;
    }

    private static Task<SubscribeResponse> StartedAsync(TestViewer viewer, string turnId) => viewer.ReceiveUntilAsync(
        response => response.Payload?.Audio is not null && response.Payload.TurnId == turnId);

    private static Task<string> EndedAsync(ChildProcess agent, string turnId, TurnOutcome outcome) => agent.WaitForLineAsync(
        line => line.StartsWith($"{turnId}: TURN_OUTCOME_{outcome.ToString().ToUpperInvariant()}", StringComparison.Ordinal));

    private static SubscribeRequest Event(ViewerEvent viewerEvent) => new() { ViewerEvent = viewerEvent };

    private static MicrophoneAudio Voice()
    {
        short[] samples = [.. Enumerable.Range(0, 640).Select(i => (short)(8000 * Math.Sin(i * 0.09)))];
        return new MicrophoneAudio { SampleRate = Clip.SampleRate, Data = ByteString.CopyFrom(MemoryMarshal.AsBytes(samples.AsSpan())) };
    }

    private static IEnumerable<(string Role, string Text)> Captions(TestViewer viewer) =>
        from payload in viewer.Payloads
        where payload.ViewerMessage?.Kind == "transcript"
        let caption = JsonSerializer.Deserialize<JsonElement>(payload.ViewerMessage.Text)
        select (caption.GetProperty("role").GetString()!, caption.GetProperty("text").GetString()!);
}
