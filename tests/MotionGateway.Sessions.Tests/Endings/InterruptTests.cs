using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Endings;

public sealed class InterruptTests
{
    private readonly CoreFixture _f = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Interrupt_NoName_VoidsWhatPlaysAndAllThatWaits(bool isSpeakers)
    {
        _f.Say("s1", 2000, end: true);
        _f.Say("s2", 2000, end: true);
        _f.Say("s3", 2000);
        _f.Shown();
        _f.Pass(500);

        var result = _f.Interrupt(isSpeakers: isSpeakers);

        Assert.Equal(("s1", false, 4000), (result.TurnId, result.AlreadyEnded, (int)result.PlayedSamples));
        Assert.Equal(["s2", "s3"], result.FurtherTurnIds);
        Assert.Equal("s1 Interrupted at 500; s2 start; s2 Interrupted at 0; s3 start; s3 Interrupted at 0", _f.Shown());
        _f.Pass(10_000);
        Assert.Equal("", _f.Shown());
    }

    [Fact]
    public void Interrupt_DiscardsFromTheFirstToTheLastUnheardMedia()
    {
        _f.Say("a", 1000, end: true);
        _f.Pass(600);
        var result = _f.Interrupt();

        // Sequence 1 is the start; audio stands in pieces of 250 ms, of which the third was half heard.
        Assert.Equal(new SequenceSpan(4, 5), result.Discarded);
        Assert.Equal(new SequenceRange { From = 4, Through = 5 }, _f.Payloads()[^1].TurnEnded.Discarded);
    }

    [Fact]
    public void Interrupt_AllWasHeard_NothingIsDiscarded()
    {
        _f.Say("a", 100);
        _f.Pass(200);

        Assert.Null(_f.Interrupt().Discarded);
    }

    [Fact]
    public void Interrupt_NothingIsThere_IsAcknowledgedAndDoesNothing()
    {
        var result = _f.Interrupt();

        Assert.Equal(("", true, 0), (result.TurnId, result.AlreadyEnded, result.PlayedSamples));
        Assert.Null(result.Discarded);
        Assert.Equal("", _f.Shown());
    }

    [Fact]
    public void Interrupt_Named_TouchesNoTurnThatWaits()
    {
        _f.Say("a", 200, end: true);
        _f.Say("b", 200, end: true);
        _f.Say("c", 200, end: true);
        _f.Shown();

        Assert.Equal(("b", false), (_f.Interrupt("b").TurnId, _f.Interrupt("b").AlreadyEnded is false));
        Assert.Equal("b start; b Interrupted at 0", _f.Shown());
        Assert.Equal(["a", "c"], _f.Core.Turns.Active.Select(turn => turn.Id));
    }

    [Fact]
    public void Interrupt_NamedBeforeItsFirstAudio_TurnIsNeverHeard()
    {
        Assert.True(_f.Interrupt("a").AlreadyEnded);
        _f.Say("b", 100, end: true);
        _f.Core.WriteAudio("a", new byte[1600], endTurn: false);
        _f.Core.WriteAudio("a", new byte[400], endTurn: true);

        Assert.Equal("a 2000-2000", _f.Told().Split("; ")[^1]);
        Assert.Equal("b start; b audio 0+100 last", _f.Shown());
    }

    [Fact]
    public void Interrupt_NamedBeforeItsFirstAudio_ItsEndTakesNoAcknowledgementBack()
    {
        _f.Interrupt("a");
        _f.Core.WriteAudio("a", new byte[1600], endTurn: false);
        Assert.Equal("a 1600-1600", _f.Told());
        _f.Core.WriteAudio("a", default, endTurn: false);
        Assert.Equal("a 1600-1600", _f.Told());
        _f.Core.EndTurn("a");
        Assert.Equal("a 1600-1600", _f.Told());
    }

    [Fact]
    public void Interrupt_ScopeTurn_VoidsOnlyTheTurnThatPlaysElseTheNext()
    {
        _f.Say("a", 200, end: true);
        _f.Say("b", 200, end: true);
        Assert.Equal("a", _f.Interrupt(scope: InterruptScope.Turn).TurnId);
        Assert.Equal(["b"], _f.Core.Turns.Active.Select(turn => turn.Id));

        var f = new CoreFixture(CoreFixture.Paced);
        f.Say("waits", 200, end: true);
        f.Say("further", 200, end: true);
        Assert.Equal("waits", f.Interrupt(scope: InterruptScope.Turn).TurnId);
        Assert.Equal(["further"], f.Core.Turns.Active.Select(turn => turn.Id));
    }

    [Fact]
    public void Interrupt_OneOfSeveralReleasedTurns_ThoseReleasedAfterItGoWithIt()
    {
        var f = new CoreFixture(CoreFixture.AtOnce with { TurnRelease = TurnRelease.AtOnce });
        f.SayWhole("a", 80);
        f.SayWhole("b", 80);
        f.Say("c", 80);
        f.Pass(20);
        f.Shown();

        var result = f.Interrupt("b");

        Assert.Equal(["c"], result.FurtherTurnIds);
        Assert.Equal("b Interrupted at 0; c Interrupted at 0", f.Shown());
        Assert.Equal(["a"], f.Core.Turns.Active.Select(turn => turn.Id));
    }

    [Theory]
    [InlineData(InterruptScope.Unspecified)]
    [InlineData(InterruptScope.All)]
    [InlineData(InterruptScope.Turn)]
    public void Interrupt_AnotherCameSinceTheSendersPosition_DoesNotVoidTheNewReply(InterruptScope scope)
    {
        _f.Say("old", 1000);
        var seen = _f.Log.End;
        Assert.False(_f.Interrupt().AlreadyEnded);
        _f.Say("new", 1000);

        Assert.True(_f.Interrupt(scope: scope, seen: seen, isSpeakers: false).AlreadyEnded);
        Assert.Equal(["new"], _f.Core.Turns.Active.Select(turn => turn.Id));
        Assert.False(_f.Interrupt(scope: scope, seen: _f.Log.End, isSpeakers: false).AlreadyEnded);
        Assert.Empty(_f.Core.Turns.Active);
    }

    [Fact]
    public void Interrupt_NothingSinceTheSendersPosition_IsDone()
    {
        _f.Say("a", 1000);

        Assert.False(_f.Interrupt(seen: new LogPosition(3, 0), isSpeakers: false).AlreadyEnded);
    }

    [Fact]
    public void Interrupt_ByAnother_UnnamedAudioIsDiscardedUpToTheEnd()
    {
        _f.Core.WriteAudio("", new byte[1600], endTurn: false);
        _f.Interrupt(isSpeakers: false);
        _f.Core.WriteAudio("", new byte[160], endTurn: false);
        _f.Core.WriteAudio("", new byte[160], endTurn: false);
        Assert.Equal("turn-1 1920-320", _f.Told().Split("; ")[^1]);
        _f.Core.EndTurn("");
        _f.Core.WriteAudio("", new byte[160], endTurn: false);

        Assert.Equal(["turn-2"], _f.Core.Turns.Active.Select(turn => turn.Id));
    }

    [Fact]
    public void Interrupt_ByAnother_UnnamedAudioThatEndsTheTurnEndsTheDiscarding()
    {
        _f.Core.WriteAudio("", new byte[1600], endTurn: false);
        _f.Interrupt(isSpeakers: false);
        _f.Core.WriteAudio("", new byte[160], endTurn: true);
        _f.Core.WriteAudio("", new byte[160], endTurn: false);

        Assert.Equal(["turn-2"], _f.Core.Turns.Active.Select(turn => turn.Id));
    }

    [Fact]
    public void Interrupt_ByAnother_NamedTurnEndsTheDiscarding()
    {
        _f.Core.WriteAudio("", new byte[1600], endTurn: false);
        _f.Interrupt(isSpeakers: false);
        _f.Say("a", 10, end: true);
        _f.Core.WriteAudio("", new byte[160], endTurn: false);

        Assert.Equal(["a", "turn-3"], _f.Core.Turns.Active.Select(turn => turn.Id));
    }

    [Fact]
    public void Interrupt_BySpeaker_WhatFollowsIsNewSpeech()
    {
        _f.Core.WriteAudio("", new byte[1600], endTurn: false);
        _f.Interrupt(isSpeakers: true);
        _f.Core.WriteAudio("", new byte[160], endTurn: false);

        Assert.Equal(["turn-2"], _f.Core.Turns.Active.Select(turn => turn.Id));
    }

    [Fact]
    public void Interrupt_ByAnotherThenBySpeaker_WhatFollowsIsNewSpeech()
    {
        _f.Core.WriteAudio("", new byte[1600], endTurn: false);
        _f.Interrupt(isSpeakers: false);
        _f.Core.WriteAudio("", new byte[160], endTurn: false);
        Assert.True(_f.Interrupt(isSpeakers: true).AlreadyEnded);
        _f.Core.WriteAudio("", new byte[160], endTurn: false);

        Assert.Equal(["turn-2"], _f.Core.Turns.Active.Select(turn => turn.Id));
    }

    [Fact]
    public void Interrupt_CreditIsFreeAtOnce()
    {
        _f.Say("a", 1000);
        _f.Say("b", 1000, end: true);
        _f.Interrupt();

        Assert.Equal(0, _f.Core.Intake.UnacknowledgedBytes);
        Assert.Equal(0, _f.Core.HeldBytes);
        Assert.Contains("a 16000-", _f.Told(), StringComparison.Ordinal);
    }

    [Fact]
    public void Interrupt_LateMotion_IsFenced()
    {
        _f.Say("a", 1000);
        _f.Send();
        var request = _f.Requests[0];
        _f.Interrupt();
        _f.Shown();
        _f.Move(request, 10);

        Assert.Equal("", _f.Shown());
        Assert.True(_f.Leg!.TryTakeControl(out var next));
        Assert.Equal((request, LegControl.Interrupt), next);
        Assert.Equal(0, _f.Core.HeldBytes);
    }
}
