using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Release;

/// <summary>How audio waits for motion. Times are those of a listener, with the 20 ms of the test's steps.</summary>
public sealed class MotionWaitTests
{
    private const int Step = 40;

    [Fact]
    public void Paced_SpeechFasterThanRealTime_IsHeldUntilTheFirstMotion()
    {
        var f = new CoreFixture(CoreFixture.Paced);
        f.Say("a", 4000, end: true);
        f.Pass(400);
        Assert.Equal("", f.Shown());
        f.Move("a", 50);

        Assert.StartsWith("a start; a audio 0+250; a motion 0+50; a audio 250+250", f.Shown(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AudioRelease.Paced, 1499, false)]
    [InlineData(AudioRelease.Paced, 1500, true)]
    [InlineData(AudioRelease.WithMotion, 1499, false)]
    [InlineData(AudioRelease.WithMotion, 1500, true)]
    [InlineData(AudioRelease.AtOnce, 0, true)]
    public void MaxMotionWait_WithinAt_AudioGoesOnWithoutMotion(AudioRelease release, int milliseconds, bool isReleased)
    {
        var f = new CoreFixture(CoreFixture.AtOnce with { AudioRelease = release });
        f.Say("a", 4000, end: true);
        f.Pass(milliseconds);

        Assert.Equal(isReleased, f.Turn("a").Released > 0);
    }

    [Theory]
    [InlineData(AudioRelease.Paced)]
    [InlineData(AudioRelease.WithMotion)]
    public void MaxMotionWait_UsedUp_SpeechNeverPausesForMotionAgain(AudioRelease release)
    {
        var f = new CoreFixture(CoreFixture.AtOnce with { AudioRelease = release });
        var (firstAudio, stalls, _, _) = new LiveVoice(f, 1000, 1000, 0).Speak("a", 8000);

        Assert.InRange(firstAudio, 1500, 1500 + Step);
        Assert.Equal(0, stalls);
    }

    [Fact]
    public void WithMotion_FirstMotionIsThere_NothingIsHeldAnyMore()
    {
        var f = new CoreFixture(CoreFixture.AtOnce with { AudioRelease = AudioRelease.WithMotion });
        var (firstAudio, stalls, _, _) = new LiveVoice(f, 10, 1000, 100).Speak("a", 8000);

        Assert.InRange(firstAudio, 500 - Step, 500 + Step);
        Assert.Equal(0, stalls);
    }

    [Fact]
    public void Paced_SmallSegments_FaceKeepsUpWithAVoiceInRealTime()
    {
        var f = new CoreFixture(CoreFixture.Paced);
        var voice = new LiveVoice(f, 5, 5, 150);
        var first = voice.Speak("a", 6000);
        Assert.InRange(first.Stalls, 0, 1);
        Assert.InRange(first.FirstAudio + first.Stalled, 0, 1500 + Step);

        foreach (string turn in new[] { "b", "c" })
        {
            var (firstAudio, stalls, _, late) = voice.Speak(turn, 6000);
            Assert.InRange(firstAudio, 0, 600);
            Assert.Equal(0, stalls);
            Assert.InRange(late, 0, Step);
        }
    }

    [Fact]
    public void Paced_RecordedSegments_4500MsAreEnoughForAVoiceInRealTime()
    {
        var f = new CoreFixture(CoreFixture.Paced with { MaxMotionWait = TimeSpan.FromMilliseconds(4500) });
        var voice = new LiveVoice(f, 50, 100, 200);
        var first = voice.Speak("a", 16_000);
        Assert.InRange(first.Stalls, 0, 1);
        Assert.InRange(first.FirstAudio + first.Stalled, 0, 4500 + Step);

        var (firstAudio, stalls, _, late) = voice.Speak("b", 16_000);
        Assert.InRange(firstAudio, 4000, 4500 + Step);
        Assert.Equal(0, stalls);
        Assert.InRange(late, 0, Step);
    }

    [Fact]
    public void Paced_RecordedSegments_TheDefaultIsUsedUpAndTheFaceFollows()
    {
        var f = new CoreFixture(CoreFixture.Paced);
        var voice = new LiveVoice(f, 50, 100, 200);
        foreach (string turn in new[] { "a", "b" })
        {
            var (firstAudio, stalls, _, late) = voice.Speak(turn, 10_000);
            Assert.InRange(firstAudio, 0, 1500 + Step);
            Assert.Equal(0, stalls);
            Assert.InRange(late, 1000, 4000);
            Assert.Equal(TurnOutcome.Completed, f.Ended[^1].Outcome);
        }
    }

    [Fact]
    public void AtOnce_NeverWaits()
    {
        var f = new CoreFixture(CoreFixture.AtOnce);
        var (firstAudio, stalls, _, _) = new LiveVoice(f, 50, 100, 200).Speak("a", 8000);

        Assert.Equal((0, 0), (firstAudio, stalls));
    }

    [Fact]
    public void Paced_MotionIsLost_NothingWaits()
    {
        var f = new CoreFixture(CoreFixture.Paced);
        f.Say("a", 4000, end: true);
        MotionTracker.Lose(f.Turn("a"), ErrorReason.MotionServerUnknown);
        f.Core.Advance();

        Assert.Equal(32_000, f.Turn("a").Released);
    }

    [Theory]
    [InlineData(AudioRelease.AtOnce, false)]
    [InlineData(AudioRelease.Paced, true)]
    [InlineData(AudioRelease.WithMotion, true)]
    public void TurnStarted_TellsWhetherAudioWasHeldForMotion(AudioRelease release, bool isPaced)
    {
        var f = new CoreFixture(CoreFixture.AtOnce with { AudioRelease = release });
        f.SayWhole("a", 80);

        Assert.Equal((isPaced, 8000, 1), (f.Payloads()[0].TurnStarted is { } s ? (s.Paced, s.SampleRate, s.Ordinal) : default));
    }
}
