using MotionGateway.Sessions.Tests.Simulation;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Motion;

/// <summary>Motion whose connection is lost, replaced or not to be had: readers see no seam, or the outcome says otherwise.</summary>
public sealed class MotionRecoveryTests
{
    private readonly CoreFixture _f = new();

    [Fact]
    public void LegIsLost_RestIsAskedForOnAnotherAndEveryMessageBearsTheFirstIds()
    {
        _f.Say("a", 8000, end: true);
        _f.Move("a", 50);
        Assert.Equal(["a"], _f.LoseLeg().Select(turn => turn.Id));
        Assert.True(_f.Core.Motion.Demand.NeedsLeg);
        _f.Leg = _f.NewLeg();
        _f.Send();
        Assert.Equal((50, 16_000), (_f.Requests[^1].FirstKeyframe, _f.Requests[^1].FirstSample));
        _f.Move(_f.Requests[^1], 100);
        _f.Move(_f.Requests[^1], 50, end: true);
        _f.Pass(8000);

        var messages = _f.Payloads().Where(payload => payload.Motion is not null).Select(payload => Keyframes.Decode(payload.Motion.Envelope)).ToList();
        Assert.Single(messages.Select(message => (message.ConnectionId, message.ReqId)).Distinct());
        Assert.Equal([false, false, true], messages.Select(message => message.End));
        Assert.Equal(TurnOutcome.Completed, _f.Ended[0].Outcome);
    }

    [Fact]
    public void LegIsLost_TurnIsOpenAndNothingIsMissing_IsNoLoss()
    {
        _f.Say("a", 2000);
        _f.Move("a", 50);
        Assert.Empty(_f.LoseLeg());
        _f.Leg = _f.NewLeg();
        _f.Say("a", 2000, end: true);
        _f.Move("a", 50, end: true);
        _f.Pass(4000);

        Expect(TurnOutcome.Completed, 100);
    }

    [Fact]
    public void LegIsLost_AllIsThereWhenTheTurnEnds_TurnEnds()
    {
        _f.Say("a", 2000);
        _f.Move("a", 50);
        _f.LoseLeg();
        _f.Core.EndTurn("a");
        _f.Pass(2000);

        Expect(TurnOutcome.Completed, 50);
    }

    [Fact]
    public void LostLeg_LateMotionOfIt_DoesNotCount()
    {
        _f.Say("a", 8000, end: true);
        _f.Move("a", 50);
        var old = _f.Requests[0];
        _f.LoseLeg();
        _f.Leg = _f.NewLeg();
        _f.Send();
        _f.MoveAt(old, 50, 50, salt: 1);
        _f.Move(_f.Requests[^1], 150, end: true);
        _f.Pass(8000);

        Expect(TurnOutcome.Completed, 200);
    }

    [Fact]
    public void Report_NothingHelps_TurnGoesOnAsAudioOnlyWithTheReason()
    {
        _f.Say("a", 8000, end: true);
        _f.Move("a", 50);
        _f.Core.Motion.Fail(_f.Requests[0], ErrorReason.MotionServerInvalidRequest, isForGood: true);
        _f.Core.Advance();
        _f.Pass(8000);

        Assert.Equal((TurnOutcome.AudioOnly, ErrorReason.MotionServerInvalidRequest), (_f.Ended[0].Outcome, _f.Ended[0].Failure));
        Assert.Equal(64_000, _f.Ended[0].PlayedSamples);
    }

    [Theory]
    [InlineData(5, TurnOutcome.Completed)]
    [InlineData(6, TurnOutcome.AudioOnly)]
    public void MaxRecoveries_AtBeyond(int losses, TurnOutcome outcome)
    {
        _f.Say("a", 8000, end: true);
        for (int i = 0; i < losses; i++)
        {
            _f.Send();
            _f.LoseLeg();
            _f.Leg = _f.NewLeg();
        }

        _f.Send();
        if (!_f.Requests[^1].IsFenced)
        {
            _f.Move(_f.Requests[^1], 200, end: true);
        }

        _f.Pass(8000);
        Assert.Equal(outcome, _f.Ended[0].Outcome);
    }

    [Theory]
    [InlineData(1999, false)]
    [InlineData(2000, true)]
    public void RecoveryGrace_WithinAt_AudioOnlyOnceHeard(int late, bool isOver)
    {
        _f.Say("a", 8000, end: true);
        _f.Move("a", 50);
        _f.LoseLeg();
        _f.Pass(8000 + late);

        Assert.Equal(isOver, _f.Ended.Count == 1);
        if (isOver)
        {
            Assert.Equal((TurnOutcome.AudioOnly, ErrorReason.MotionServerConnectionClosed), (_f.Ended[0].Outcome, _f.Ended[0].Failure));
        }
    }

    [Fact]
    public void NoConnectionCanBeHad_EveryTurnThatWantsOneIsAudioOnly()
    {
        _f.Leg = null;
        _f.Say("a", 400, end: true);
        _f.Say("b", 400, end: true);
        Assert.Equal(["a", "b"], _f.Core.Motion.LoseAllWanting(ErrorReason.MotionServerConnectionFailed).Select(turn => turn.Id));
        _f.Core.Advance();
        _f.Pass(800);

        Assert.All(_f.Ended, turn => Assert.Equal((TurnOutcome.AudioOnly, ErrorReason.MotionServerConnectionFailed), (turn.Outcome, turn.Failure)));
    }

    [Fact]
    public void LegIsReplaced_WithinATurn_LeavesNoSeam()
    {
        _f.Say("a", 4000);
        _f.Move("a", 50);
        var old = _f.Requests[0];
        _f.Leg = _f.NewLeg();
        _f.Say("a", 4000, end: true);
        _f.Send();
        Assert.Equal((2, 100), (_f.Requests.Count, _f.Requests[1].FirstKeyframe));
        Assert.True(old.Leg.TryTakeControl(out var next));
        Assert.Equal((old, LegControl.End), next);

        // The new one is the quicker.
        _f.Move(_f.Requests[1], 100, end: true);
        _f.Move(old, 50, end: true);
        _f.Pass(8000);
        Expect(TurnOutcome.Completed, 200);
    }

    [Fact]
    public void LegIsReplaced_AllSpeechWasSent_TurnEnds()
    {
        _f.Say("a", 2000);
        _f.Move("a", 25);
        var old = _f.Requests[0];
        _f.Leg = _f.NewLeg();
        _f.Core.EndTurn("a");
        _f.Send();
        foreach (var request in _f.Requests)
        {
            // A request without speech gets no answer.
            if (request.SentThrough > request.FirstSample)
            {
                _f.Move(request, 50 - (request == old ? 25 : (int)request.FirstKeyframe), end: true);
            }
        }

        _f.Pass(2000);
        Expect(TurnOutcome.Completed, 50);
    }

    [Fact]
    public void LegIsReplaced_OldOneIsLostMeanwhile_RestIsAskedForAgain()
    {
        _f.Say("a", 4000);
        _f.Move("a", 50);
        var oldLeg = _f.Leg!;
        _f.Leg = _f.NewLeg();
        _f.Say("a", 4000, end: true);
        _f.Send();
        _f.Move(_f.Requests[1], 100, end: true);
        oldLeg.IsLost = true;
        _f.Core.Motion.LoseLeg(oldLeg, ErrorReason.MotionServerConnectionClosed);
        _f.Send();
        _f.Move(_f.Requests[^1], 150, end: true);
        _f.Pass(8000);

        Expect(TurnOutcome.Completed, 200);
    }

    [Fact]
    public void LegIsLost_WhileMotionIsAskedForAgainToProveIt_IsNotSoldAsComplete()
    {
        _f.Say("a", 8000, end: true);
        _f.Move("a", 50);
        _f.Miss(_f.Requests[0], 50);
        _f.Move(_f.Requests[0], 100, end: true);
        _f.Send();
        _f.Move(_f.Requests[^1], 25);
        _f.LoseLeg();
        _f.Leg = _f.NewLeg();
        _f.Send();
        _f.Move(_f.Requests[^1], 200 - (int)_f.Requests[^1].FirstKeyframe, end: true);
        _f.Pass(8000);

        Assert.Equal((TurnOutcome.AudioOnly, ErrorReason.MotionIncomplete), (_f.Ended[0].Outcome, _f.Ended[0].Failure));
    }

    // What readers saw: contiguous from 0, each keyframe made from the speech at its place.
    private void Expect(TurnOutcome outcome, int keyframes)
    {
        Assert.Equal(outcome, _f.Ended[0].Outcome);
        byte[] speech = CoreFixture.Speech("a", (int)_f.Ended[0].ReceivedBytes + 640);
        Assert.Equal(Enumerable.Range(0, keyframes).Select(i => Keyframes.Of(speech.AsSpan(i * 640, 640))), Shown());
    }

    private List<ulong> Shown()
    {
        List<ulong> shown = [];
        bool isLast = false;
        foreach (var motion in _f.Payloads().Where(payload => payload.Motion is not null).Select(payload => payload.Motion))
        {
            Assert.False(isLast);
            Assert.Equal(shown.Count, motion.FirstKeyframe);
            Assert.True(motion.KeyframeCount > 0);
            var message = Keyframes.Decode(motion.Envelope);
            shown.AddRange(Keyframes.Read(message));
            Assert.Equal(shown.Count, motion.FirstKeyframe + motion.KeyframeCount);
            isLast = motion.Last;
        }

        return shown;
    }
}
