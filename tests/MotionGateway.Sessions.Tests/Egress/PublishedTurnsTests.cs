using MotionGateway.V1;
using PlaybackState = MotionGateway.MotionServer.PlaybackState;

namespace MotionGateway.Sessions.Tests.Egress;

/// <summary>Turns that the Motion Server publishes into a room: by what signals they start, are held, go on and end.</summary>
public sealed class PublishedTurnsTests
{
    private readonly CoreFixture _f = new(CoreFixture.AtOnce with { Egress = new NowhereEgress() });

    [Fact]
    public void Turn_ByItsSignals_StartsIsSealedAndEndsWithoutMedia()
    {
        _f.Say("a", 2000);
        _f.Send();
        Assert.Equal("", _f.Shown());
        _f.Pass(300);
        _f.Report(PlaybackState.Playing);
        Assert.Equal("a start", _f.Shown());
        _f.Say("a", 1000, end: true);
        _f.Send();
        Assert.Equal("a seal", _f.Shown());
        _f.Pass(2900);
        Assert.Equal("", _f.Shown());
        _f.Report(PlaybackState.Ended, 3000);

        Assert.Equal("a Completed at 3000", _f.Shown());
        Assert.Equal((300, 3200), (Milliseconds(_f.Turn("a").Times.Released), Milliseconds(_f.Turn("a").Times.Ended)));
        Assert.Equal("a 48000-0", _f.Told());
    }

    [Fact]
    public void Turns_SeveralAtOnce_AreGivenToTheMotionServerOneAfterTheOther()
    {
        _f.Say("a", 1000, end: true);
        _f.Say("b", 1000, end: true);
        _f.Send();
        Assert.Single(_f.Requests);
        _f.Report(PlaybackState.Playing);
        _f.Pass(1000);
        _f.Send();
        Assert.Single(_f.Requests);
        _f.Report(PlaybackState.Ended, 1000);
        _f.Send();

        Assert.Equal(["a", "b"], _f.Requests.Select(request => request.Turn.Id));
        _f.Report(PlaybackState.Playing);
        Assert.Equal("a start; a seal; a Completed at 1000; b start; b seal", _f.Shown());
    }

    [Fact]
    public void Signals_ThatComeTwice_AreTakenOnce()
    {
        _f.Say("a", 1000, end: true);
        _f.Say("b", 1000, end: true);
        _f.Send();
        var first = _f.Requests[0];
        _f.Report(PlaybackState.Playing);
        _f.Report(PlaybackState.Playing);
        _f.Pass(1000);
        _f.Report(PlaybackState.Ended);
        _f.Report(PlaybackState.Ended);
        _f.Send();
        _f.Report(PlaybackState.Playing);
        _f.Report(PlaybackState.Ended, of: first);

        Assert.Equal("a start; a seal; a Completed at 1000; b start; b seal", _f.Shown());
        Assert.Equal(TurnState.Sealed, _f.Turn("b").State);
    }

    [Fact]
    public void Pause_IsToldWhenTheMotionServerHolds_WithItsPosition()
    {
        Play("a", 4000);
        _f.Pass(1000);
        _f.Core.PausePlayback();
        Assert.Equal(LegControl.Pause, TakeControl());
        Assert.Equal("", _f.Shown());
        _f.Pass(100);
        _f.Report(PlaybackState.Paused, 1040);
        _f.Pass(5000);
        _f.Core.ResumePlayback();
        _f.Core.ResumePlayback();
        Assert.Equal(LegControl.Resume, TakeControl());
        Assert.Null(TakeControl());
        _f.Pass(100);
        _f.Report(PlaybackState.Playing, 1040);
        _f.Pass(1000);

        var changes = _f.Payloads().Select(payload => (payload.PlaybackChanged.Paused, payload.PlaybackChanged.PlayedSamples / 8));
        Assert.Equal([(true, 1040), (false, 1040)], changes);
        Assert.Equal(2040 * 8, _f.Turn("a").Clock.Heard);
        _f.Pass(1960);
        _f.Report(PlaybackState.Ended, 4000);
        Assert.Equal("a Completed at 4000", _f.Shown());
    }

    [Fact]
    public void Pause_AgainBeforeAResumeIsAnswered_EndsHeld()
    {
        Play("a", 4000);
        _f.Core.PausePlayback();
        _f.Core.PausePlayback();
        _f.Report(PlaybackState.Paused, 10);
        _f.Core.ResumePlayback();
        _f.Core.PausePlayback();
        Assert.Equal([LegControl.Pause, LegControl.Resume, LegControl.Pause, null], [TakeControl(), TakeControl(), TakeControl(), TakeControl()]);
        _f.Report(PlaybackState.Playing, 10);
        _f.Report(PlaybackState.Paused, 20);

        Assert.Equal("a pause; a resume; a pause", _f.Shown());
        Assert.True(_f.Turn("a").Clock.IsPaused);
    }

    [Fact]
    public void Pause_WithoutTheCapability_IsRefusedAndChangesNothing()
    {
        _f.Leg = _f.NewLeg(hasPlaybackControl: false);
        Play("a", 1000);

        Assert.Equal(ErrorReason.InvalidRequest, CoreFixture.Refusal(_f.Core.PausePlayback));
        _f.Pass(500);
        Assert.Equal(500 * 8, _f.Turn("a").Clock.Heard);
    }

    [Fact]
    public void Pause_ThatComesTooLate_IsAnsweredByTheEnd()
    {
        Play("a", 1000);
        _f.Pass(990);
        _f.Core.PausePlayback();
        _f.Report(PlaybackState.Ended, 1000);

        Assert.Equal("a Completed at 1000", _f.Shown());
    }

    [Fact]
    public void Pause_LongerThanItsLimit_GoesOnByItself()
    {
        Play("a", 1000);
        _f.Core.PausePlayback();
        _f.Report(PlaybackState.Paused, 500);
        TakeControl();
        _f.Pass(_f.Limits.PauseLimit.TotalMilliseconds);

        Assert.Equal(LegControl.Resume, TakeControl());
    }

    [Fact]
    public void Pause_LongerThanTheServiceLikes_GoesOnFromThereByAnotherRequest()
    {
        Play("a", 4000);
        _f.Pass(1000);
        _f.Core.PausePlayback();
        _f.Report(PlaybackState.Paused, 1000);
        _f.Report(PlaybackState.Interrupted, 1000, "pause_timeout");
        _f.Send();
        Assert.Single(_f.Requests);
        _f.Core.ResumePlayback();
        _f.Send();
        Assert.Equal(1000 * 8, _f.Requests[1].FirstSample);
        _f.Report(PlaybackState.Playing);
        _f.Pass(3000);
        _f.Report(PlaybackState.Ended, 3000);

        Assert.Equal("a pause; a resume; a Completed at 4000", _f.Shown());
    }

    [Fact]
    public void Interrupt_EndsTheTurnAtOnceAndTellsTheMotionServerBeforeTheNext()
    {
        Play("a", 4000);
        _f.Pass(1500);
        var result = _f.Interrupt();
        Assert.Equal(("a", 1500L * 8, null), (result.TurnId, result.PlayedSamples, result.Discarded));
        Assert.Equal("a Interrupted at 1500", _f.Shown());
        Assert.Equal(LegControl.Interrupt, TakeControl());
        _f.Say("b", 1000, end: true);
        _f.Send();
        _f.Report(PlaybackState.Interrupted, 1480, "explicit", _f.Requests[0]);
        _f.Report(PlaybackState.Playing);

        Assert.Equal("b start; b seal", _f.Shown());
    }

    [Fact]
    public void Interrupted_ByTheMotionServer_EndsTheTurnWithItsReasonAndPosition()
    {
        Play("a", 4000);
        _f.Pass(1500);
        _f.Report(PlaybackState.Interrupted, 1200, "preempted");

        var ended = _f.Payloads().Single().TurnEnded;
        Assert.Equal((TurnOutcome.Interrupted, "preempted", 1200L * 8), (ended.Outcome, ended.Reason, ended.PlayedSamples));
        Assert.Null(TakeControl());
    }

    [Fact]
    public void Speech_FasterThanItIsHeard_IsGivenNoFurtherAheadThanTheLead()
    {
        var f = new CoreFixture(CoreFixture.AtOnce with { Egress = new NowhereEgress(), MaxLead = TimeSpan.FromSeconds(4) });
        f.Say("a", 20_000, end: true);
        f.Send();
        Assert.InRange(f.Turn("a").Sent / 8, 3000, 4000);
        f.Pass(200);
        f.Report(PlaybackState.Playing);
        for (int second = 1; second < 10; second++)
        {
            f.Pass(1000);
            f.Send();
            Assert.InRange(f.Turn("a").Sent / 8 / 1000.0, second + 3, second + 4);
        }

        // What is kept is what may have to be published again.
        Assert.InRange(f.Turn("a").Speech.Kept.FirstKept / 8, 4000, 9000);
        Assert.Equal(f.Turn("a").Sent * 2, f.Turn("a").AcknowledgedBytes);
    }

    [Fact]
    public void LegIsLost_InMidTurn_GoesOnFromWhatWasHeard()
    {
        Play("a", 6000);
        _f.Pass(2500);
        var missing = _f.LoseLeg();
        Assert.Equal(["a"], missing.Select(turn => turn.Id));
        Assert.True(_f.Core.Demand.NeedsLeg);
        _f.Pass(700);
        _f.Leg = _f.NewLeg();
        _f.Send();
        Assert.Equal(2500 * 8, _f.Requests[1].FirstSample);
        _f.Report(PlaybackState.Playing);
        _f.Pass(1000);
        Assert.Equal(3500 * 8, _f.Turn("a").Clock.Heard);
        _f.Pass(2500);
        _f.Report(PlaybackState.Ended, 3500);

        Assert.Equal("a Completed at 6000", _f.Shown());
        Assert.Equal(1, _f.Turn("a").Motion.Recoveries);
    }

    [Fact]
    public void LegIsLost_WhilePaused_StaysPausedAndGoesOnFromThere()
    {
        Play("a", 4000);
        _f.Pass(1000);
        _f.Core.PausePlayback();
        _f.LoseLeg();
        _f.Leg = _f.NewLeg();
        _f.Send();
        Assert.Equal("a pause", _f.Shown());
        Assert.Single(_f.Requests);
        _f.Core.ResumePlayback();
        _f.Send();
        _f.Report(PlaybackState.Playing);

        Assert.Equal("a resume", _f.Shown());
        Assert.Equal(1000 * 8, _f.Requests[1].FirstSample);
    }

    [Fact]
    public void LegIsLost_WhileTheSpeakerIsSilentWithinTheTurn_NothingIsMissing()
    {
        _f.Say("a", 1000);
        _f.Send();
        _f.Report(PlaybackState.Playing);
        _f.Pass(5000);

        Assert.Empty(_f.LoseLeg(ErrorReason.MotionServerIdleTimeout));
        Assert.False(_f.Core.Demand.NeedsLeg);
        _f.Say("a", 500, end: true);
        _f.Leg = _f.NewLeg();
        _f.Send();
        _f.Report(PlaybackState.Playing);
        _f.Report(PlaybackState.Ended, 500);
        Assert.Equal("a start; a seal; a Completed at 1500", _f.Shown());
    }

    [Fact]
    public void StartSignal_DoesNotCome_TurnStartsAfterTheLimitAndFailsUnheard()
    {
        _f.Say("a", 1000, end: true);
        _f.Send();
        _f.Pass(2999);
        Assert.Equal("", _f.Shown());
        _f.Pass(1);
        Assert.Equal("a start; a seal", _f.Shown());
        _f.Pass(1000 + 2999);
        Assert.Equal("", _f.Shown());
        _f.Pass(1);

        Assert.Equal($"a Failed {ErrorReason.MotionTimeout} at 1000", _f.Shown());
        Assert.Equal(["a", "a"], _f.MissingSignals);
        Assert.Equal(LegControl.Interrupt, TakeControl());
    }

    [Fact]
    public void EndSignal_DoesNotCome_TurnEndsAfterTheLimit()
    {
        Play("a", 1000);
        _f.Pass(1000 + 2999);
        Assert.Equal("", _f.Shown());
        _f.Pass(1);

        Assert.Equal("a Completed at 1000", _f.Shown());
        Assert.Equal(["a"], _f.MissingSignals);
    }

    [Fact]
    public void PauseSignal_DoesNotCome_IsPausedAfterTheLimit()
    {
        Play("a", 9000);
        _f.Pass(1000);
        _f.Core.PausePlayback();
        _f.Pass(3000);

        Assert.Equal("a pause", _f.Shown());
        Assert.Equal(4000 * 8, _f.Turn("a").Clock.Heard);
    }

    [Fact]
    public void EndSignal_LongBeforeItsTime_FailsTheTurnWhereItEnded()
    {
        Play("a", 4000);
        _f.Pass(1000);
        _f.Report(PlaybackState.Ended, 1000);

        Assert.Equal($"a Failed {ErrorReason.MotionIncomplete} at 1000", _f.Shown());
    }

    [Fact]
    public void Connection_CannotBeHad_FailsTheTurnAndTheNextTriesAgain()
    {
        _f.Leg = null;
        _f.Say("a", 1000, end: true);
        _f.Say("b", 1000, end: true);
        Assert.Equal(["a"], _f.Core.LoseAllWanting(ErrorReason.MotionServerEgressUnavailable).Select(turn => turn.Id));
        _f.Core.Advance();

        Assert.Equal($"a start; a Failed {ErrorReason.MotionServerEgressUnavailable} at 0", _f.Shown());
        Assert.True(_f.Core.Demand.NeedsLeg);
        Assert.True(_f.Core.IsPublishing);
    }

    [Fact]
    public void Connection_CannotBeHadWithAFallback_WhatWaitsGoesThroughTheLog()
    {
        var f = new CoreFixture(CoreFixture.AtOnce with { Egress = new NowhereEgress(EgressFallback.Feed) });
        f.Say("a", 2000, end: true);
        f.Say("b", 40, end: true);
        f.Send();
        f.Report(PlaybackState.Playing);
        f.Pass(500);
        f.LoseLeg();
        var concerned = f.Core.LoseAllWanting(ErrorReason.MotionServerEgressUnavailable);
        f.Core.Advance();
        f.Leg = f.NewLeg();
        f.Move("b", 1, end: true);

        Assert.Equal(["a"], concerned.Select(turn => turn.Id));
        Assert.False(f.Core.IsPublishing);
        Assert.Equal(
            $"a start; a seal; a Failed {ErrorReason.MotionServerEgressUnavailable} at 500; b start; b audio 0+40 last; b motion 0+1 last; b seal",
            f.Shown());
        Assert.Equal((true, false), (f.Turn("a").IsPublished, f.Turn("b").IsPublished));
    }

    [Fact]
    public void Leg_WhoseTokenIsOld_IsNotUsedForAnotherTurn()
    {
        Play("a", 1000);
        _f.Pass(1000);
        _f.Report(PlaybackState.Ended, 1000);
        _f.Time.Advance(NowhereEgress.TokenLifetime / 2);
        Assert.False(_f.Core.Demand.IsStale(_f.Leg!));
        _f.Say("b", 1000);

        Assert.True(_f.Core.Demand.IsStale(_f.Leg!));
        Assert.False(_f.Core.Demand.IsStale(_f.NewLeg()));
    }

    // Says a turn whole; it begins to play now.
    private void Play(string turn, int milliseconds)
    {
        _f.Say(turn, milliseconds, end: true);
        _f.Send();
        _f.Report(PlaybackState.Playing);
        Assert.Equal($"{turn} start; {turn} seal", _f.Shown());
    }

    private LegControl? TakeControl() => _f.Leg!.TryTakeControl(out var next) ? next.Control : null;

    private int Milliseconds(long? timestamp) => (int)_f.Time.GetElapsedTime(_f.Turn("a").Times.Created, timestamp!.Value).TotalMilliseconds;
}
