using MotionGateway.Cli.Demo.Agent;

namespace MotionGateway.Cli.Tests.Demo;

public sealed class UtteranceRecorderTests
{
    private readonly UtteranceRecorder _recorder = new(Voices.SampleRate);

    [Fact]
    public void Add_SilenceAfterVoice_EndsTheUtteranceWithAllOfTheVoice()
    {
        byte[] voice = Voices.Voice(1.5);

        var utterances = Hear([.. Voices.Silence(1), .. voice, .. Voices.Silence(1)]);

        var utterance = Assert.Single(utterances);
        Assert.Equal(Voices.SampleRate, utterance.SampleRate);
        Assert.True(utterance.Samples.Span.IndexOf(voice) >= 0, "The voice is not whole.");
        Assert.InRange(utterance.Duration.TotalSeconds, 1.5, 3);
    }

    [Fact]
    public void Add_PauseWithinASentence_IsOneUtterance()
    {
        var utterances = Hear([.. Voices.Voice(1), .. Voices.Silence(0.5), .. Voices.Voice(1), .. Voices.Silence(1)]);

        Assert.InRange(Assert.Single(utterances).Duration.TotalSeconds, 2.5, 4);
    }

    [Fact]
    public void Add_VoiceFromTheFirstSample_IsHeard() => Assert.Single(Hear([.. Voices.Voice(1), .. Voices.Silence(1)]));

    [Fact]
    public void Add_NoisyRoom_SaysNothing()
    {
        Assert.Empty(Hear(Voices.Room(20, amplitude: 700)));
        Assert.True(_recorder.Complete().Samples.IsEmpty);
    }

    [Fact]
    public void Add_Click_IsNoVoice() => Assert.Empty(Hear([.. Voices.Silence(1), .. Voices.Voice(0.03, 30000), .. Voices.Silence(2)]));

    [Fact]
    public void Add_VoiceWithoutEnd_IsCutAtThirtySeconds()
    {
        var utterances = Hear(Voices.Voice(65));

        Assert.Equal(2, utterances.Count);
        Assert.All(utterances, utterance => Assert.InRange(utterance.Duration.TotalSeconds, 29.9, 30));
    }

    [Fact]
    public void Complete_InMidUtterance_GivesWhatWasSaid()
    {
        byte[] voice = Voices.Voice(1.01);
        Assert.Empty(Hear(voice));

        Assert.Equal(voice, _recorder.Complete().Samples.ToArray());
    }

    private List<Utterance> Hear(byte[] samples) =>
        [.. Voices.Pieces(samples).Select(piece => _recorder.Add(piece)).OfType<Utterance>()];
}
