using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Speech;

public sealed class SpeechIntakeTests
{
    private readonly CoreFixture _f = new();

    [Fact]
    public void WriteAudio_NoName_GoesToTheOpenTurnBegunLastElseBeginsOne()
    {
        _f.Say("a", 10);
        _f.Say("b", 10);
        _f.Core.WriteAudio("", new byte[32], endTurn: true);
        _f.Core.WriteAudio("", new byte[64], endTurn: true);
        _f.Core.WriteAudio("", new byte[16], endTurn: false);

        Assert.Equal(["a", "b", "turn-3"], _f.Core.Turns.Active.Select(turn => turn.Id));
        Assert.Equal([160 + 64, 160 + 32, 16], _f.Core.Turns.Active.Select(turn => turn.ReceivedBytes));
    }

    [Fact]
    public void WriteAudio_MadeNameIsTaken_AnotherIsMade()
    {
        _f.Say("turn-2", 10, end: true);
        _f.Core.WriteAudio("", new byte[16], endTurn: true);

        Assert.Equal(["turn-2", "turn-2-2"], _f.Core.Turns.Active.Select(turn => turn.Id));
    }

    [Fact]
    public void WriteAudio_NewName_EndsAnOpenTurnThatHasNone()
    {
        _f.Core.WriteAudio("", new byte[160], endTurn: false);
        _f.Say("a", 10);
        _f.Say("b", 10);

        Assert.True(_f.Turn("turn-1").IsComplete);
        Assert.False(_f.Turn("a").IsComplete);
        Assert.False(_f.Turn("b").IsComplete);
    }

    [Fact]
    public void WriteAudio_SeveralOpenTurns_AreSpokenInTheOrderOfTheirFirstAudio()
    {
        _f.Say("a", 40);
        _f.Say("b", 40);
        _f.Say("a", 40, end: true);
        _f.Say("b", 40, end: true);
        _f.Move("a", 2, end: true);
        _f.Pass(80);
        _f.Move("b", 2, end: true);
        _f.Pass(80);

        Assert.Equal(
            "a start; a audio 0+40; a audio 40+40 last; a motion 0+2 last; a seal; a Completed at 80; "
            + "b start; b audio 0+80 last; b motion 0+2 last; b seal; b Completed at 80", _f.Shown());
    }

    [Fact]
    public void WriteAudio_BytesCutAnywhere_AreTheSameSpeech()
    {
        for (int cut = 1; cut <= 7; cut++)
        {
            var f = new CoreFixture();
            f.SayBytes("a", cut);
            f.SayBytes("a", 8 - cut);
            f.Core.EndTurn("a");

            Assert.Equal(4, f.Turn("a").Samples);
            Assert.Equal(CoreFixture.Speech("a", 8), f.Payloads().Where(p => p.Audio is not null).SelectMany(p => p.Audio.Data.ToByteArray()));
        }
    }

    [Fact]
    public void EndTurn_AByteIsLeftOver_IsDroppedAndTold()
    {
        _f.SayBytes("a", 161, end: true);
        Assert.Equal("a 1-1", _f.Told());
        _f.Move("a", 1, end: true);
        _f.Pass(10);

        Assert.Equal((TurnOutcome.Completed, 1, 80), (_f.Ended[0].Outcome, _f.Ended[0].DroppedBytes, (int)_f.Ended[0].PlayedSamples));
        Assert.EndsWith("a 161-1", _f.Told(), StringComparison.Ordinal);
        Assert.Equal(0, _f.Core.Intake.UnacknowledgedBytes);
    }

    [Fact]
    public void EndTurn_OneByteIsAllThereWas_TurnHasItsStartAndItsEnd()
    {
        _f.SayBytes("a", 1, end: true);

        Assert.Equal("a start; a audio 0+0 last; a seal; a Completed at 0", _f.Shown());
        Assert.Equal("a 1-1", _f.Told().Split("; ")[^1]);
    }

    [Fact]
    public void WriteAudio_EmptyChunkAnywhere_DoesNothingAndIsAcknowledged()
    {
        _f.Core.WriteAudio("a", default, endTurn: false);
        Assert.Equal("a 0-0", _f.Told());
        _f.Core.WriteAudio("", default, endTurn: false);
        Assert.Equal(" 0-0", _f.Told());
        Assert.Empty(_f.Core.Turns.Active);
        _f.Say("a", 10);
        _f.Core.WriteAudio("a", default, endTurn: false);
        Assert.Equal("a 0-0", _f.Told());
        Assert.True(_f.Turn("a").IsOpen);
        Assert.Equal("a start; a audio 0+10", _f.Shown());
    }

    [Fact]
    public void WriteAudio_EmptyChunkWithTheEnd_EndsTheTurn()
    {
        _f.Say("a", 10);
        _f.Core.WriteAudio("a", default, endTurn: true);

        Assert.True(_f.Turn("a").IsComplete);
    }

    [Fact]
    public void EndTurn_SecondEndOrNoSuchTurn_DoesNothingAndIsAcknowledged()
    {
        _f.Core.EndTurn("");
        Assert.Equal(" 0-0", _f.Told());
        _f.Core.EndTurn("never");
        Assert.Equal("never 0-0", _f.Told());
        _f.Say("a", 10, end: true);
        _f.Told();
        string shown = _f.Shown();
        _f.Core.EndTurn("a");
        Assert.Equal("a 0-0", _f.Told());
        Assert.Equal("", _f.Shown());
        Assert.NotEqual("", shown);
    }

    [Fact]
    public void WriteAudio_AfterTheEndOfANamedTurn_IsDiscardedAndAcknowledgedAsSuch()
    {
        _f.SayWhole("a", 40);
        _f.Core.WriteAudio("a", new byte[100], endTurn: false);
        Assert.Equal("a 740-100", _f.Told().Split("; ")[^1]);
        _f.Pass(40);
        _f.Core.WriteAudio("a", new byte[60], endTurn: true);

        Assert.Equal("a 800-160", _f.Told().Split("; ")[^1]);
        Assert.Equal(TurnOutcome.Completed, _f.Ended[0].Outcome);
        Assert.Equal(["a"], _f.Core.Turns.Over.Select(turn => turn.Id));
        Assert.Equal(0, _f.Core.Intake.UnacknowledgedBytes);
    }

    [Fact]
    public void WriteAudio_NoAudioIsTakenAnyMore_IsDiscardedAndAcknowledgementsOnlyRise()
    {
        _f.Say("a", 100);
        _f.Send();
        _f.Core.Finish();
        Assert.Equal("a 1600-0", _f.Told().Split("; ")[^1]);
        _f.Core.WriteAudio("a", new byte[100], endTurn: false);
        Assert.Equal("a 1700-100", _f.Told());
        _f.Core.WriteAudio("b", new byte[10], endTurn: false);
        _f.Core.WriteAudio("b", new byte[20], endTurn: true);
        Assert.Equal("b 30-30", _f.Told());
        _f.Core.WriteAudio("", new byte[10], endTurn: false);
        _f.Core.WriteAudio("", new byte[20], endTurn: true);
        Assert.Equal(" 30-30", _f.Told());
        Assert.Equal(0, _f.Core.Intake.UnacknowledgedBytes);
        Assert.Single(_f.Core.Turns.Active);
    }

    [Fact]
    public void Acknowledge_BytesInTheLogAndWithTheMotionServer_AndNoSooner()
    {
        _f.Say("a", 100);
        Assert.Equal("", _f.Told());
        _f.Send();
        Assert.Equal("a 1600-0", _f.Told());
        _f.Say("b", 100);
        _f.Send();
        Assert.Equal("", _f.Told());
        Assert.Equal(1600, _f.Core.Intake.UnacknowledgedBytes);
    }

    [Fact]
    public void Acknowledge_SpeechGoesOn_IsToldAtMostFourTimesASecond()
    {
        List<string> told = [];
        for (int chunk = 0; chunk < 49; chunk++)
        {
            _f.Say("a", 20);
            _f.Send();
            _f.Pass(20);
            told.AddRange(_f.ToldEach());
        }

        Assert.Equal(4, told.Count);
        Assert.Equal("a 320-0", told[0]);
    }

    [Fact]
    public void Acknowledge_NothingFollows_IsToldWithinASecond()
    {
        _f.Say("a", 20);
        _f.Send();
        _f.Pass(20);
        _f.Say("a", 20);
        _f.Send();
        Assert.Equal("a 320-0", _f.Told());
        _f.Pass(979);
        Assert.Equal("", _f.Told());
        _f.Pass(1);
        Assert.Equal("a 640-0", _f.Told());
        Assert.Equal(0, _f.Core.Intake.UnacknowledgedBytes);
    }

    [Fact]
    public void Acknowledge_TurnIsComplete_IsToldAtOnce()
    {
        _f.Say("a", 20);
        _f.Send();
        _f.Told();
        _f.Say("a", 20, end: true);
        Assert.Equal("a 320-0", _f.Told());
        _f.Send();
        Assert.Equal("a 640-0", _f.Told());
    }

    [Fact]
    public void Acknowledge_HalfOfTheCreditIsUsed_IsToldAtOnce()
    {
        var f = new CoreFixture(credit: () => 1000);
        f.Say("a", 20);
        f.Send();
        f.Say("a", 20);
        f.Send();
        Assert.Equal("a 320-0", f.Told());
        f.Say("a", 20);

        Assert.Equal("a 640-0", f.Told());
    }

    [Fact]
    public void Acknowledge_MotionIsLost_BytesInTheLogAreEnough()
    {
        _f.Say("a", 100);
        MotionTracker.Lose(_f.Turn("a"), ErrorReason.MotionServerUnknown);
        _f.Core.Advance();

        Assert.Equal("a 1600-0", _f.Told());
    }

    [Fact]
    public void Say_TestToneBesideTheSpeaker_NeitherTakesItsCreditNorItsOpenTurn()
    {
        _f.Say("", 100);
        long before = _f.Core.Intake.UnacknowledgedBytes;
        _f.Core.Say("tone", new byte[16_000]);
        _f.Core.WriteAudio("", new byte[160], endTurn: false);

        Assert.Equal(before + 160, _f.Core.Intake.UnacknowledgedBytes);
        Assert.Equal(1760, _f.Turn("turn-1").ReceivedBytes);
        Assert.DoesNotContain("tone", _f.Told(), StringComparison.Ordinal);
    }

    [Fact]
    public void Say_TheSpeakerWasInterrupted_ItsTailIsNotSpokenAfterTheTone()
    {
        _f.Say("", 100);
        _f.Interrupt(isSpeakers: false);
        _f.Core.Say("tone", new byte[1600]);
        _f.Core.WriteAudio("", new byte[32_000], endTurn: false);

        Assert.Equal(["tone"], _f.Core.Turns.Active.Select(turn => turn.Id));
    }
}
