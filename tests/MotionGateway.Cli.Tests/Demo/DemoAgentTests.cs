using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.Cli.Audio;
using MotionGateway.Cli.Demo.Agent;
using MotionGateway.V1;

namespace MotionGateway.Cli.Tests.Demo;

public sealed class DemoAgentTests
{
    private static readonly DemoClip Clip = new("clip", Voices.SampleRate, Voices.Voice(0.2));

    private readonly FakeTimeProvider _time = new();
    private readonly ConcurrentQueue<string> _problems = new();
    private readonly RecordedSession _session = new();

    [Fact]
    public async Task OnSpeech_TypedText_IsSpokenWithCaptionsForAll()
    {
        byte[] speech = Voices.Voice(0.5);
        await using var agent = Start(new ScriptedVoice((_, _) => Task.FromResult<ReadOnlyMemory<byte>>(speech)));

        Type(agent, "Hello there");

        Assert.Equal(("transcript", """{"role":"viewer","text":"Hello there","turnId":null}"""), Pair(await _session.NextAsync()));
        var (what, turnId, said) = await _session.NextAsync();
        Assert.Equal("say", what);
        Assert.Equal(speech, said);
        Assert.Equal(("transcript", $$"""{"role":"avatar","text":"Hello there","turnId":"{{turnId}}"}"""), Pair(await _session.NextAsync()));
        Assert.Empty(_problems);
    }

    [Fact]
    public async Task OnSpeech_TypedTextAndNoVoice_SaysTheClipWithARemark()
    {
        await using var agent = Start(null);

        Type(agent, "Hello there");

        Assert.Equal("transcript", (await _session.NextAsync()).What);
        var remark = await _session.NextAsync();
        Assert.Equal("remark", remark.What);
        Assert.Contains("espeak-ng", remark.Text, StringComparison.Ordinal);
        Assert.Equal(Clip.Samples.ToArray(), (await _session.NextAsync()).Samples);
    }

    [Fact]
    public async Task OnSpeech_VoiceThatFails_SaysTheClipWithARemarkAndAnswersTheNext()
    {
        int calls = 0;
        await using var agent = Start(new ScriptedVoice((_, _) => ++calls == 1
            ? Task.FromException<ReadOnlyMemory<byte>>(new CommandException("It broke."))
            : Task.FromResult<ReadOnlyMemory<byte>>(Voices.Voice(0.5))));

        Type(agent, "one");
        await _session.NextAsync();
        Assert.Equal("remark", (await _session.NextAsync()).What);
        Assert.Equal(Clip.Samples.ToArray(), (await _session.NextAsync()).Samples);
        Assert.Contains("It broke.", _problems);

        Type(agent, "two");
        await _session.NextAsync();
        Assert.Equal(Voices.Voice(0.5), (await _session.NextAsync()).Samples);
    }

    [Fact]
    public async Task OnSpeech_NewerTextWhileOneIsMade_OnlyTheNewestIsSaid()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var agent = Start(new ScriptedVoice(async (text, cancellationToken) =>
        {
            if (text == "old")
            {
                begun.SetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return Voices.Voice(0.5);
        }));

        Type(agent, "old");
        await begun.Task.WaitAsync(TimeSpan.FromMinutes(1));
        Type(agent, "new");

        Assert.Contains("old", (await _session.NextAsync()).Text, StringComparison.Ordinal);
        Assert.Contains("new", (await _session.NextAsync()).Text, StringComparison.Ordinal);
        Assert.Equal("say", (await _session.NextAsync()).What);
        Assert.Contains("new", (await _session.NextAsync()).Text, StringComparison.Ordinal);
        Assert.Empty(_problems);
    }

    [Fact]
    public async Task OnSpeech_SilentMicrophoneWhileAnAnswerIsMade_TheAnswerIsGiven()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var spoken = new TaskCompletionSource<ReadOnlyMemory<byte>>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var agent = Start(new ScriptedVoice((_, cancellationToken) =>
        {
            begun.SetResult();
            return spoken.Task.WaitAsync(cancellationToken);
        }));

        Type(agent, "Hello there");
        await begun.Task.WaitAsync(TimeSpan.FromMinutes(1));
        Speak(agent, Voices.Silence(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        spoken.SetResult(Voices.Voice(0.5));

        Assert.Equal("transcript", (await _session.NextAsync()).What);
        Assert.Equal("say", (await _session.NextAsync()).What);
        Assert.Equal("transcript", (await _session.NextAsync()).What);
        Assert.Equal("remark", (await _session.NextAsync()).What);
    }

    [Fact]
    public async Task OnSpeech_LongSpeechOfAText_IsCutAtThirtySeconds()
    {
        await using var agent = Start(new ScriptedVoice((_, _) => Task.FromResult<ReadOnlyMemory<byte>>(Voices.Voice(40))));

        Type(agent, "much");

        await _session.NextAsync();
        Assert.Equal(30 * Voices.SampleRate * 2, (await _session.NextAsync()).Samples.Length);
    }

    [Fact]
    public async Task OnSpeech_LongText_FitsIntoAViewerMessage()
    {
        await using var agent = Start(null);

        Type(agent, new string('ж', 8000));

        Assert.InRange((await _session.NextAsync()).Text.Length, 1, 16384);
    }

    [Fact]
    public async Task OnSpeech_SpokenUtterance_IsSaidBack()
    {
        byte[] voice = Voices.Voice(1.5);
        await using var agent = Start(null);

        Speak(agent, [.. voice, .. Voices.Silence(1)]);

        Assert.Contains("viewer", (await _session.NextAsync()).Text, StringComparison.Ordinal);
        var (what, turnId, said) = await _session.NextAsync();
        Assert.Equal("say", what);
        Assert.True(said.AsSpan().IndexOf(voice) >= 0, "Something else was said.");
        Assert.Contains(turnId, (await _session.NextAsync()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OnSpeech_MicrophoneThatWasSilent_TellsSo()
    {
        await using var agent = Start(null);

        Speak(agent, Voices.Silence(1));
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("remark", (await _session.NextAsync()).What);
    }

    private static (string What, string Text) Pair((string What, string Text, byte[] Samples) done) => (done.What, done.Text);

    private static void Type(DemoAgent agent, string text) =>
        agent.OnSpeech(new SpeakResponse { ViewerEvent = new ViewerEvent { ViewerId = "ann", Text = text } });

    private static void Speak(DemoAgent agent, byte[] samples)
    {
        foreach (byte[] piece in Voices.Pieces(samples))
        {
            var audio = new MicrophoneAudio { SampleRate = Voices.SampleRate, Data = ByteString.CopyFrom(piece) };
            agent.OnSpeech(new SpeakResponse { ViewerEvent = new ViewerEvent { ViewerId = "ann", MicrophoneAudio = audio } });
        }
    }

    private DemoAgent Start(IVoice? voice)
    {
        var agent = new DemoAgent(Clip, voice, _problems.Enqueue, _time);
        agent.Start(_session);
        return agent;
    }

    private sealed class ScriptedVoice(Func<string, CancellationToken, Task<ReadOnlyMemory<byte>>> speak) : IVoice
    {
        public Task<ReadOnlyMemory<byte>> SpeakAsync(string text, int sampleRate, CancellationToken cancellationToken) => speak(text, cancellationToken);
    }
}
