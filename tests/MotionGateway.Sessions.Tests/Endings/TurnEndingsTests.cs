using MotionGateway.Feeds;
using MotionGateway.Speech;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Endings;

public sealed class TurnEndingsTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(30, 1)]
    [InlineData(40, 1)]
    [InlineData(79, 1)]
    [InlineData(80, 2)]
    [InlineData(30_000, 750)]
    public void Turn_Whole_IsCompletedWhenItHasBeenHeard(int milliseconds, int keyframes)
    {
        var f = new CoreFixture();
        f.Say("a", milliseconds, end: true);
        f.Move("a", keyframes, end: true);
        f.Pass(milliseconds - 1);
        Assert.Empty(f.Ended);
        f.Pass(1);

        Assert.Equal((TurnOutcome.Completed, milliseconds * 8), (f.Ended[0].Outcome, (int)f.Ended[0].PlayedSamples));
        f.Pass(60_000);
        Assert.Single(f.Ended);
    }

    [Fact]
    public void AfterPrevious_NextTurnIsReleasedWhenTheOneBeforeHasEnded()
    {
        var f = new CoreFixture();
        f.SayWhole("a", 80);
        f.SayWhole("b", 40);
        Assert.Equal("a start; a audio 0+80 last; a motion 0+2 last; a seal", f.Shown());
        f.Pass(80);
        Assert.Equal("a Completed at 80; b start; b audio 0+40 last; b motion 0+1 last; b seal", f.Shown());
        f.Pass(40);
        Assert.Equal("b Completed at 40", f.Shown());
    }

    [Fact]
    public void AtOnce_NextTurnIsReleasedWhenTheOneBeforeIsWholeAndEndsAfterIt()
    {
        var f = new CoreFixture(CoreFixture.AtOnce with { TurnRelease = TurnRelease.AtOnce });
        f.Say("a", 80, end: true);
        f.SayWhole("b", 40);
        Assert.Equal("a start; a audio 0+80 last", f.Shown());
        f.Move("a", 2, end: true);
        Assert.Equal("a motion 0+2 last; a seal; b start; b audio 0+40 last; b motion 0+1 last; b seal", f.Shown());
        f.Pass(80);
        Assert.Equal("a Completed at 80", f.Shown());
        f.Pass(40);
        Assert.Equal("b Completed at 40", f.Shown());
    }

    [Fact]
    public void Turn_IsRefusedAndNoSpeechEither_EndsOnce()
    {
        var f = new CoreFixture(
            CoreFixture.AtOnce with { SpeechFormat = new SpeechFormat(SpeechEncoding.Wav, 0, 0), RefuseBeyondCredit = true }, credit: () => 1000);
        f.Core.WriteAudio("a", "RIFF"u8, endTurn: false);
        Assert.Equal(ErrorReason.AudioCreditExceeded, CoreFixture.Refusal(() => f.Core.WriteAudio("a", new byte[1000], endTurn: false)));

        Assert.Equal(TurnOutcome.Failed, Assert.Single(f.Ended).Outcome);
        Assert.Equal(["a"], f.Core.Turns.Over.Select(turn => turn.Id));
    }

    [Fact]
    public void Turn_EndIsLearnedLate_IsToldByAnEmptyLastAudio()
    {
        var f = new CoreFixture();
        f.Say("a", 80);
        f.Move("a", 1);
        f.Core.EndTurn("a");

        Assert.Equal("a start; a audio 0+80; a motion 0+1; a audio 80+0 last", f.Shown());
    }

    [Theory]
    [InlineData(119_999, false)]
    [InlineData(120_000, true)]
    public void OpenTurnTimeout_WithinAt(int milliseconds, bool isAbandoned)
    {
        var f = new CoreFixture();
        f.Say("a", 80);
        f.Move("a", 1);
        f.Pass(milliseconds);

        Assert.Equal(isAbandoned, f.Turn("a").IsComplete);
        f.Move("a", 1, end: true);
        Assert.Equal(isAbandoned ? [(TurnOutcome.Failed, ErrorReason.TurnAbandoned)] : [], f.Ended.Select(turn => (turn.Outcome, turn.Failure)));
    }

    [Fact]
    public void OpenTurnTimeout_CountsFromTheLatestAudio()
    {
        var f = new CoreFixture();
        f.Say("a", 80);
        f.Pass(100_000);
        f.Say("a", 80);
        f.Pass(119_999);
        Assert.False(f.Turn("a").IsComplete);
        f.Pass(1);
        Assert.True(f.Turn("a").IsComplete);
    }

    [Theory]
    [InlineData(59_999, false)]
    [InlineData(60_000, true)]
    public void PauseLimit_WithinAt_PlaybackGoesOnByItself(int milliseconds, bool goesOn)
    {
        var f = new CoreFixture();
        f.SayWhole("a", 1000);
        f.Pass(400);
        f.Core.PausePlayback();
        f.Shown();
        f.Pass(milliseconds);

        Assert.Equal(goesOn ? "a resume" : "", f.Shown());
        Assert.Equal(3200, f.Turn("a").Clock.Heard);
    }

    [Fact]
    public void Pause_HoldsTheTurnAndItsUnheardMedia()
    {
        var f = new CoreFixture();
        f.SayWhole("a", 1000);
        f.Pass(400);
        f.Core.PausePlayback();
        f.Core.PausePlayback();
        f.Pass(5000);
        f.Core.ResumePlayback();
        f.Core.ResumePlayback();
        f.Pass(599);
        Assert.Empty(f.Ended);
        f.Pass(1);

        Assert.Equal(TurnOutcome.Completed, f.Ended[0].Outcome);
        Assert.Equal(1, f.Payloads().Count(payload => payload.PlaybackChanged is { Paused: true }));
    }

    [Fact]
    public void Pause_NothingPlays_DoesNothing()
    {
        var f = new CoreFixture();
        f.Core.PausePlayback();
        f.Core.ResumePlayback();

        Assert.Equal("", f.Shown());
    }

    [Fact]
    public void Pause_TurnIsInterrupted_NextOneIsNotHeld()
    {
        var f = new CoreFixture();
        f.SayWhole("a", 1000);
        f.Core.PausePlayback();
        f.Interrupt();
        f.SayWhole("b", 1000);
        f.Pass(1000);

        Assert.Equal("b", f.Ended[^1].Id);
        Assert.Equal(TurnOutcome.Completed, f.Ended[^1].Outcome);
    }

    [Theory]
    [InlineData(1000, 1000)]
    [InlineData(2000, 2000)]
    [InlineData(5000, 2000)]
    public void MaxViewerLag_WithinAtBeyond(int lag, int moved)
    {
        var f = new CoreFixture();
        f.SayWhole("a", 10_000);
        f.Pass(6000);
        f.Core.ReportPlayback("a", 8 * (6000 - lag));
        f.Core.ReportPlayback("other", 0);
        f.Pass(4000 + moved - 1);
        Assert.Empty(f.Ended);
        f.Pass(1);
        Assert.Single(f.Ended);
    }

    // One that says in each turn that it has heard nothing must not make each longer.
    [Fact]
    public void MaxViewerLag_ReportsInEachTurn_AreBelievedOnceAndForATenthOfWhatIsHeard()
    {
        var f = new CoreFixture();
        int passed = 0;
        for (int turn = 1; turn <= 40; turn++)
        {
            f.SayWhole($"{turn}", 1000);
            f.Pass(900);
            f.Core.ReportPlayback($"{turn}", 0);
            for (passed += 900; f.Ended.Count < turn; passed += 10)
            {
                f.Pass(10);
            }
        }

        Assert.InRange(passed, 40_000 + 2000, 40_000 + 2000 + 4000 + 400);
    }

    [Fact]
    public void MaxViewerLag_AfterMuchHasBeenHeard_IsThereAgain()
    {
        var f = new CoreFixture();
        Lag("a", 2000);
        f.SayWhole("b", 20_000);
        f.Pass(20_000);
        Assert.Equal(2, f.Ended.Count);

        Lag("c", 2000);

        void Lag(string turn, int moved)
        {
            int before = f.Ended.Count;
            f.SayWhole(turn, 5000);
            f.Pass(4000);
            f.Core.ReportPlayback(turn, 0);
            f.Pass(1000 + moved - 1);
            Assert.Equal(before, f.Ended.Count);
            f.Pass(1);
            Assert.Equal(before + 1, f.Ended.Count);
        }
    }

    [Fact]
    public void Finish_OpenTurnsEndAndTheSessionIsClosedWhenAllHasBeenHeard()
    {
        var f = new CoreFixture();
        f.Say("a", 1000);
        f.Say("b", 1000);
        f.Core.Finish();
        f.Move("a", 25, end: true);
        f.Pass(1000);
        f.Move("b", 25, end: true);
        f.Pass(999);
        Assert.Null(f.Closed);
        f.Pass(1);

        Assert.Equal(ErrorReason.Unspecified, f.Closed!.Value.Error);
        Assert.All(f.Ended, turn => Assert.Equal(TurnOutcome.Completed, turn.Outcome));
        Assert.EndsWith("SessionEnded", f.Shown(), StringComparison.Ordinal);
    }

    [Fact]
    public void Finish_NothingIsThere_ClosesAtOnce()
    {
        var f = new CoreFixture();
        f.Core.Finish();

        Assert.NotNull(f.Closed);
    }

    [Theory]
    [InlineData(ErrorReason.Unspecified, TurnOutcome.Interrupted)]
    [InlineData(ErrorReason.SpeakerLost, TurnOutcome.Failed)]
    public void Close_EveryTurnEndsAndTheLogIsComplete(ErrorReason error, TurnOutcome outcome)
    {
        var f = new CoreFixture();
        f.Say("a", 1000);
        f.Say("b", 1000);
        f.Core.Close(error, "bye");
        f.Core.Close(ErrorReason.Internal, "again");

        Assert.All(f.Ended, turn => Assert.Equal((outcome, error), (turn.Outcome, turn.Failure)));
        Assert.Equal(2, f.Ended.Count);
        Assert.Equal((error, "bye"), f.Closed!.Value);
        Assert.True(f.Log.IsComplete);
        Assert.Equal(ErrorReason.SessionClosed, CoreFixture.Refusal(() => f.Say("c", 10)));
        Assert.Null(f.Core.NextDue());
    }

    [Fact]
    public void ParkAfter_Due_IsToldOnceAndNotDueWithoutEnd()
    {
        var f = new CoreFixture(limits: new SessionLimits { ParkAfter = TimeSpan.FromSeconds(5), IdleTimeout = TimeSpan.Zero });
        Assert.Equal(TimeSpan.FromSeconds(5), f.Core.NextDue());
        Assert.False(f.Core.IsParkDue);
        f.Pass(5000);

        Assert.True(f.Core.IsParkDue);
        Assert.Null(f.Core.NextDue());
    }

    [Fact]
    public void EndedTurns_HoldNothing()
    {
        var f = new CoreFixture();
        for (int i = 0; i < 300; i++)
        {
            f.SayWhole($"t{i}", 80);
            f.Interrupt();
        }

        Assert.Equal(256, f.Core.Turns.Over.Count());
        Assert.All(f.Core.Turns.Over, turn => Assert.Null(turn.Unheard.FirstAfter(0)));
        Assert.All(f.Core.Turns.Over, turn => Assert.Equal(0, turn.Speech.HeldBytes + turn.Motion.Staged.Bytes + turn.Motion.Hashes.Count));
        Assert.Null(f.Core.Turns.Find("t0"));
    }

    [Fact]
    public void WhatHasNotBeenHeard_DoesNotLeaveTheLog()
    {
        var f = new CoreFixture(limits: new SessionLimits { Log = new SessionLogOptions { MaxBytes = 2000, Retention = TimeSpan.FromSeconds(1) } });
        f.Say("a", 5000, end: true);
        Assert.InRange(f.Log.Available!.Value.From, 1, 2);
        f.Pass(2000);
        f.Core.Advance();

        // The start and eight pieces have been heard.
        Assert.Equal(10, f.Log.Available!.Value.From);
        f.Core.PausePlayback();
        f.Pass(50_000);
        f.Log.Trim();
        Assert.Equal(10, f.Log.Available!.Value.From);
    }
}
