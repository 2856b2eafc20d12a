using MotionGateway.Sessions.Tests.Simulation;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Motion;

/// <summary>Motion that is not as it should be: readers see contiguous keyframes in their place, or the outcome says otherwise.</summary>
public sealed class MotionTrackerTests
{
    private readonly CoreFixture _f = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void KeyframeTolerance_WithinAt_ShortfallAtTheEndIsComplete(int shortfall)
    {
        _f.Say("a", 8000, end: true);
        _f.Move("a", 200 - shortfall, end: true);
        _f.Pass(8000);

        Expect(TurnOutcome.Completed, 200 - shortfall);
        Assert.Equal(0, _f.Ended[0].Motion.Recoveries);
    }

    [Fact]
    public void KeyframeTolerance_Beyond_TheRestIsAskedForAgain()
    {
        _f.Say("a", 8000, end: true);
        _f.Move("a", 197, end: true);
        _f.Send();

        Assert.Equal(2, _f.Requests.Count);
        Assert.True(_f.Requests[0].IsFenced);
    }

    [Fact]
    public void EarlyEnd_RestIsAskedForFromTheFirstMissingKeyframeAndNothingIsTwice()
    {
        _f.Say("a", 8000, end: true);
        _f.Move("a", 50, end: true);
        _f.Send();
        _f.Move(_f.Requests[^1], 200 - (int)_f.Requests[^1].FirstKeyframe, end: true);
        _f.Pass(8000);

        Expect(TurnOutcome.Completed, 200);
    }

    [Theory]
    [InlineData(50)]
    [InlineData(25)]
    public void Missing_KeyframesInTheMidst_IsNotSoldAsComplete(int missing)
    {
        _f.Say("a", 8000, end: true);
        _f.Move("a", 50);
        _f.Miss(_f.Requests[0], missing);
        _f.Move(_f.Requests[0], 150 - missing, end: true);
        _f.Send();
        Assert.Equal(0, _f.Requests[^1].FirstKeyframe);
        _f.Move(_f.Requests[^1], 200, end: true);
        _f.Pass(8000);

        var keyframes = Shown();
        Assert.Equal(200, keyframes.Count);
        Assert.Equal((TurnOutcome.AudioOnly, ErrorReason.MotionIncomplete), (_f.Ended[0].Outcome, _f.Ended[0].Failure));
    }

    // What could not be read may have been motion; before the end could be counted the connection is lost.
    [Theory]
    [InlineData(true, TurnOutcome.AudioOnly)]
    [InlineData(false, TurnOutcome.Completed)]
    public void Unreadable_ThenTheLegIsLost_WhatCameIsAskedForAgainAndCompared(bool wasMotion, TurnOutcome outcome)
    {
        _f.Say("a", 8000, end: true);
        _f.Move("a", 25);
        ((SimulatedLeg)_f.Leg!.Connection).UnreadableMessages++;
        _f.Miss(_f.Requests[0], wasMotion ? 25 : 0);
        _f.Move("a", 50);
        _f.LoseLeg();
        _f.Leg = _f.NewLeg();
        _f.Send();
        Assert.Equal(0, _f.Requests[^1].FirstKeyframe);
        _f.Move(_f.Requests[^1], 200, end: true);
        _f.Pass(8000);

        Assert.Equal(200, Shown().Count);
        Assert.Equal(outcome, _f.Ended[0].Outcome);
    }

    [Fact]
    public void Duplicate_MessageCameTwice_IsTakenOnce()
    {
        _f.Say("a", 8000, end: true);
        _f.Move("a", 50);
        _f.Move("a", 50);
        _f.MoveAt(_f.Requests[0], 50, 50);
        _f.Move("a", 100, end: true);
        _f.Pass(8000);

        Expect(TurnOutcome.Completed, 200);
    }

    // A message of one keyframe does not tell whether the face stood still; that too many come does.
    [Fact]
    public void Duplicate_OneKeyframeCameTwice_IsNotSoldAsComplete()
    {
        _f.Say("a", 80, end: true);
        _f.Send();
        _f.MoveAt(_f.Requests[0], 0, 1);
        _f.MoveAt(_f.Requests[0], 0, 1);
        _f.MoveAt(_f.Requests[0], 1, 1, end: true);
        _f.Send();
        _f.Move(_f.Requests[^1], 2, end: true);
        _f.Pass(2000);

        Assert.Equal((TurnOutcome.AudioOnly, ErrorReason.MotionIncomplete), (_f.Ended[0].Outcome, _f.Ended[0].Failure));
    }

    // Of silence a message does not tell either, where the face moves all the same: its end does, or nothing does and it is proved.
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Duplicate_FaceMovesInSilence_WhatCameIsAskedForAgain(bool isCut, bool isLost)
    {
        _f.Core.WriteAudio("a", new byte[4 * 640], endTurn: false);
        _f.Send();
        var first = _f.Requests[0];
        _f.Receive(first, [1, 2], end: false, 2);
        _f.Receive(first, [1, 2], end: false, 2);
        if (isCut)
        {
            _f.Leg = _f.NewLeg();
            _f.Core.WriteAudio("a", new byte[640], endTurn: false);
            _f.Send();
        }

        _f.Core.EndTurn("a");
        _f.Send();
        if (isLost)
        {
            _f.LoseLeg();
            _f.Leg = _f.NewLeg();
        }
        else
        {
            _f.Receive(first, [3, 4], end: true, 2);
        }

        _f.Send();
        Assert.Equal(0, _f.Requests[^1].FirstKeyframe);
        int count = isCut ? 5 : 4;
        _f.Receive(_f.Requests[^1], Enumerable.Range(1, count).Select(i => (ulong)i), end: true, count);
        _f.Pass(2000);

        Assert.Equal((TurnOutcome.AudioOnly, ErrorReason.MotionIncomplete), (_f.Ended[0].Outcome, _f.Ended[0].Failure));
    }

    [Fact]
    public void MovesInSilence_SameMessageTwiceAndAsManyAsAreDue_IsNoRepetition()
    {
        _f.Core.WriteAudio("a", new byte[4 * 640], endTurn: true);
        _f.Send();
        _f.Receive(_f.Requests[0], [1, 2], end: false, 2);
        _f.Receive(_f.Requests[0], [1, 2], end: true, 2);
        _f.Pass(2000);

        Assert.Equal((TurnOutcome.Completed, 4), (_f.Ended[0].Outcome, _f.Ended[0].ReleasedKeyframes));
    }

    [Fact]
    public void Duplicate_SpeechThatIsTwiceTheSame_IsNoRepetition()
    {
        byte[] second = CoreFixture.Speech("a", 16_000);
        _f.Core.WriteAudio("a", second, endTurn: false);
        _f.Core.WriteAudio("a", second, endTurn: true);
        _f.Send();
        _f.MoveAt(_f.Requests[0], 0, 25);
        _f.MoveAt(_f.Requests[0], 0, 25, end: true);
        _f.Pass(2000);

        Assert.Equal(TurnOutcome.Completed, _f.Ended[0].Outcome);
        Assert.Equal(50, _f.Ended[0].ReleasedKeyframes);
    }

    // A service that makes motion in segments has not made the last one when it ends a connection for the speaker's silence.
    [Fact]
    public void IdleTimeout_AgainAndAgainWithinAnOpenTurn_IsNoRecoveryAndCostsNoMotion()
    {
        for (int silence = 1; silence <= 8; silence++)
        {
            _f.Say("a", 1000);
            _f.Send();
            _f.Move(_f.Requests[^1], (silence * 25) - 5 - (int)_f.Requests[^1].FirstKeyframe);
            _f.Core.Motion.LoseLeg(_f.Leg!, ErrorReason.MotionServerIdleTimeout);
            _f.Core.Advance();
            Assert.False(_f.Core.Motion.Demand.NeedsLeg);
        }

        _f.Core.EndTurn("a");
        Assert.True(_f.Core.Motion.Demand.NeedsLeg);
        _f.Send();
        _f.Move(_f.Requests[^1], 200 - (int)_f.Requests[^1].FirstKeyframe, end: true);
        _f.Pass(9000);

        Expect(TurnOutcome.Completed, 200);
    }

    [Fact]
    public void EarlyEnd_AllIsThereWhenTheTurnEnds_TurnEnds()
    {
        _f.Say("a", 2000);
        _f.Move("a", 50, end: true);
        _f.Core.EndTurn("a");
        _f.Pass(2000);

        Expect(TurnOutcome.Completed, 50);
    }

    [Fact]
    public void Motion_UntouchedRequest_IsForwardedByteForByte()
    {
        _f.Say("a", 80, end: true);
        _f.Send();
        byte[] envelope = [.. Keyframes.Encode("leg", "r", end: true, [1, 2]), 0xF8, 0x7F, 0x01];
        _f.Core.Motion.Receive(_f.Requests[0], new MotionServer.MotionMessage("leg", "r", null, true, 2, envelope));
        _f.Core.Advance();

        Assert.Equal(envelope, _f.Payloads().Single(payload => payload.Motion is not null).Motion.Envelope.ToByteArray());
    }

    [Fact]
    public void Motion_WithoutKeyframes_IsNeverForwarded()
    {
        _f.Say("a", 80, end: true);
        _f.Move("a", 0);
        _f.Move("a", 2);
        _f.Move("a", 0, end: true);
        _f.Pass(80);

        Expect(TurnOutcome.Completed, 2);
    }

    [Fact]
    public void Motion_MoreKeyframesThanTheSpeechGives_SurplusIsCutOff()
    {
        _f.Say("a", 79, end: true);
        _f.Move("a", 1);
        _f.MoveAt(_f.Requests[0], 1, 1, end: true);
        _f.Pass(79);

        Expect(TurnOutcome.Completed, 1);
    }

    [Fact]
    public void LongTurn_SpeechIsKeptOnlyUntilItsMotionIsThere()
    {
        var f = new CoreFixture();
        for (int second = 0; second < 600; second++)
        {
            f.Say("a", 1000);
            f.Move("a", 25);
            f.Pass(1000);
            Assert.InRange(f.Core.HeldBytes, 0, 1024 * 1024 + 65_536);
        }

        Assert.InRange(f.Core.HeldBytes, 0, 65_536);
        f.Core.EndTurn("a");
        f.Move("a", 0, end: true);
        f.Pass(1000);
        Assert.Equal(TurnOutcome.Completed, f.Ended[0].Outcome);
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
