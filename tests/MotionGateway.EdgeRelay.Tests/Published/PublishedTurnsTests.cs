using System.Text.Json;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests.Published;

/// <summary>The order that published clients count on, by what is known of them; a second of speech has 32000 bytes.</summary>
public sealed class PublishedTurnsTests
{
    [Fact]
    public void Turn_InTheOrderOfTheLog_AudioBeforeMotionAndEachEndOnce()
    {
        using var test = new TurnsUnderTest(new AgentKind());
        test.Session.Start("t1");
        test.Session.Audio("t1", 32000);
        test.Session.Motion("t1", 0, 25);
        test.Session.Audio("t1", new byte[16000], last: true);
        test.Session.Motion("t1", 25, 12, last: true);
        test.Session.Seal("t1");
        test.Session.End("t1");

        Assert.Equal(
            ["audio 32000 of t1", "frames 1 of t1", "audio 16000 of t1", "audio 0 last of t1", "frames 1 last of t1"],
            test.Told());
        Assert.Empty(test.Told());
    }

    [Fact]
    public void LastMotion_StandsBeforeTheLastAudio_IsSentBehindIt()
    {
        using var test = new TurnsUnderTest(new AgentKind());
        test.Session.Start("t1");
        test.Session.Audio("t1", 5 * 32000);
        test.Session.Motion("t1", 0, 100);
        test.Session.Motion("t1", 100, 50, last: true);

        Assert.Equal(["audio 160000 of t1", "frames 1 of t1"], test.Told());
        test.Session.Audio("t1", new byte[32000], last: true);
        Assert.Equal(["audio 32000 of t1", "audio 0 last of t1", "frames 1 last of t1"], test.Told());
    }

    [Fact]
    public void LastMotion_TheFaceNeedsItBeforeTheAudioEnds_IsSentAndItsEndIsMarkedLater()
    {
        using var test = new TurnsUnderTest(new AgentKind());
        test.Session.Start("t1");
        test.Session.Audio("t1", 5 * 32000);
        test.Session.Motion("t1", 0, 100);
        test.Session.Motion("t1", 100, 50, last: true);
        test.Told();

        // Keyframe 100 is seen 4 s after the first sample.
        Assert.Equal(test.Now + TimeSpan.FromSeconds(3), test.Turns.Due);
        test.Now += TimeSpan.FromSeconds(3);
        Assert.Equal(["frames 1 of t1"], test.Told());
        test.Session.Audio("t1", new byte[32000], last: true);
        test.Session.Seal("t1");
        Assert.Equal(["audio 32000 of t1", "audio 0 last of t1", "frames 0 last of t1"], test.Told());
    }

    [Fact]
    public void LastMotion_OfAShortTurn_WaitsAMomentForTheAudioBehindIt()
    {
        using var test = new TurnsUnderTest(new AgentKind());
        test.Session.Start("t1");
        test.Session.Audio("t1", 3200);
        test.Session.Motion("t1", 0, 25, last: true);
        Assert.Equal(["audio 3200 of t1"], test.Told());
        test.Now = test.Turns.Due;

        Assert.Equal(["frames 1 of t1"], test.Told());
    }

    [Fact]
    public void Turn_EndsAreLearnedLate_TheSealMarksBoth()
    {
        using var test = new TurnsUnderTest(new AgentKind());
        test.Session.Start("t1");
        test.Session.Audio("t1", 32000);
        test.Session.Motion("t1", 0, 25);
        Assert.Equal(["audio 32000 of t1", "frames 1 of t1"], test.Told());

        test.Session.Seal("t1");
        test.Session.End("t1");

        Assert.Equal(["audio 0 last of t1", "frames 0 last of t1"], test.Told());
    }

    [Fact]
    public void NextTurn_WhenTheLogHasItBeforeTheFirstWasPlayed_WaitsUntilItWas()
    {
        using var test = new TurnsUnderTest(new AgentKind());
        test.Speak("t1", seconds: 2);
        test.Speak("t2", seconds: 1);
        test.Session.End("t1");
        Assert.All(test.Told(), message => Assert.EndsWith("t1", message, StringComparison.Ordinal));

        test.Now += TimeSpan.FromSeconds(2) + TurnsUnderTest.Margin - TimeSpan.FromMilliseconds(1);
        Assert.Empty(test.Told());
        Assert.Equal(test.Now + TimeSpan.FromMilliseconds(1), test.Turns.Due);
        test.Now += TimeSpan.FromMilliseconds(1);

        Assert.Equal(["audio 32000 of t2", "frames 1 of t2", "audio 0 last of t2", "frames 0 last of t2"], test.Told());
    }

    [Fact]
    public void NextTurn_TheLogDoesNotSayThatTheFirstIsOver_Waits()
    {
        using var test = new TurnsUnderTest(new AgentKind());
        test.Speak("t1", seconds: 1);
        test.Speak("t2", seconds: 1);
        test.Told();
        test.Now += TimeSpan.FromSeconds(10);
        Assert.Empty(test.Told());

        test.Session.End("t1");

        Assert.Contains("audio 32000 of t2", test.Told());
    }

    // A viewer that was sent a turn late plays it late.
    [Fact]
    public void NextTurn_AudioCameLateInPieces_WaitsForTheLastPieceToBePlayed()
    {
        using var test = new TurnsUnderTest(new AgentKind());
        test.Session.Start("t1");
        test.Session.Audio("t1", 32000);
        test.Told();
        test.Now += TimeSpan.FromSeconds(5);
        test.Session.Audio("t1", 32000);
        test.Session.Seal("t1");
        test.Session.End("t1");
        test.Speak("t2", seconds: 1);
        test.Told();

        test.Now += TimeSpan.FromSeconds(1);
        Assert.Empty(test.Told());
        test.Now += TurnsUnderTest.Margin;

        Assert.Contains("audio 32000 of t2", test.Told());
    }

    [Fact]
    public void Interrupt_OfTheTurnThatPlays_IsToldAndNothingOfTheTurnFollows()
    {
        using var test = new TurnsUnderTest(new AgentKind());
        test.Session.Start("t1");
        test.Session.Audio("t1", 5 * 32000);
        test.Session.Motion("t1", 100, 25, last: true);
        test.Told();
        test.Session.Interrupt("t1", "barge-in");
        test.Speak("t2", seconds: 1);

        Assert.Equal(
            ["interrupt barge-in", "audio 32000 of t2", "frames 1 of t2", "audio 0 last of t2", "frames 0 last of t2"], test.Told());
        test.Now += TimeSpan.FromMinutes(1);
        Assert.Empty(test.Told());
    }

    [Fact]
    public void Interrupt_OfATurnThatWaits_DropsItAndTheFirstGoesOn()
    {
        using var test = new TurnsUnderTest(new AgentKind());
        test.Session.Start("t1");
        test.Session.Audio("t1", 32000);
        test.Speak("t2", seconds: 1);
        test.Speak("t3", seconds: 1);
        test.Told();
        test.Session.Interrupt("t2");
        test.Session.Audio("t1", 32000);
        test.Session.Seal("t1");
        test.Session.End("t1");

        Assert.Equal(["audio 32000 of t1", "audio 0 last of t1", "frames 0 last of t1"], test.Told());
        test.Now += TimeSpan.FromMinutes(1);
        Assert.Equal("audio 32000 of t3", test.Told()[0]);
    }

    // The first is over for the gateway, and still heard by this viewer.
    [Fact]
    public void Interrupt_WhileATurnIsStillHeardHere_SilencesThatToo()
    {
        using var test = new TurnsUnderTest(new AgentKind());
        test.Speak("t1", seconds: 5);
        test.Session.End("t1");
        test.Speak("t2", seconds: 1);
        test.Told();

        test.Session.Interrupt("t2", "stop");

        Assert.Equal(["interrupt stop"], test.Told());
    }

    [Fact]
    public void Silence_AskedForByTheViewer_IsToldAtOnceAndOnce()
    {
        using var test = new TurnsUnderTest(new AgentKind());
        test.Session.Start("t1");
        test.Session.Audio("t1", 32000);
        test.Speak("t2", seconds: 1);
        test.Told();

        test.Turns.Silence(isAll: true);
        test.Session.Audio("t1", 32000);
        Assert.Equal(["interrupt viewer"], test.Told());
        test.Session.Interrupt("t1", "viewer");
        Assert.Empty(test.Told());
        test.Session.Interrupt("t2", "viewer");
        test.Speak("t3", seconds: 1);

        Assert.Equal("audio 32000 of t3", test.Told()[0]);
    }

    [Theory]
    [InlineData("""{"role": "viewer", "text": "hello"}""", "user: hello")]
    [InlineData("""{"role": "avatar", "text": "good day", "turnId": "t1"}""", "assistant: good day")]
    [InlineData("plain", "assistant: plain")]
    public void Transcript_IsToldByWhoSaidIt(string text, string told)
    {
        using var test = new TurnsUnderTest(new AgentKind());
        test.Session.Tell("transcript", text);
        test.Session.Tell("something else", "x");

        Assert.Equal([told], test.Told());
    }

    [Fact]
    public void Waiting_MoreThanMay_EndsTheFeed()
    {
        using var test = new TurnsUnderTest(new AgentKind(), maxWaitingBytes: 200_000);
        test.Speak("t1", seconds: 1);
        test.Speak("t2", seconds: 10);

        var failure = Assert.Throws<GatewayException>(() => test.Read());

        Assert.Equal(ErrorReason.ReaderTooSlow, failure.Reason);
    }

    [Fact]
    public void Turn_ThatWaitsWhileItLeavesTheWindow_IsSentAsItWas()
    {
        using var test = new TurnsUnderTest(new AgentKind());
        test.Session.Start("t1");
        test.Session.Audio("t1", 32000);
        test.Session.Seal("t1");
        test.Session.End("t1");
        test.Session.Start("t2");
        byte[] first = new byte[3200];
        new Random(1).NextBytes(first);
        test.Session.Audio("t2", first, last: false);
        test.Session.Motion("t2", 0, 25);
        Assert.DoesNotContain(test.Told(), told => told.EndsWith("t2", StringComparison.Ordinal));

        // Nobody else needs it.
        test.Session.Log.LetGo();
        test.StopReading();
        Assert.Null(test.Session.Log.Available);
        test.Now += TimeSpan.FromSeconds(2);

        var sent = test.Read(isReading: false).ConvertAll(message => JsonDocument.Parse(message).RootElement);
        var audio = sent.Single(message => message.GetProperty("type").GetString() == "avatar_audio");
        Assert.Equal(first, audio.GetProperty("audio").GetBytesFromBase64());
        Assert.Single(sent, message => message.GetProperty("type").GetString() == "avatar_frames");
    }
}
