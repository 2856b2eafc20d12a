using Google.Protobuf;
using MotionGateway.V1;
using Content = MotionGateway.V1.Payload.ContentOneofCase;

namespace MotionGateway.Chaos.Tests.Checking;

/// <summary>The checker sees what is broken: a checker that finds nothing proves nothing.</summary>
public sealed class CheckerTests
{
    private readonly GoodSession _session = new();

    [Fact]
    public void Check_GoodSession_FindsNothing() => Assert.Equal("", _session.Check());

    [Fact]
    public void Check_SequenceLeftOut_IsFound()
    {
        _session.Log.RemoveAt(3);
        Finds("nothing declares what is between 3 and 5");
    }

    [Fact]
    public void Check_SequenceTwice_IsFound()
    {
        _session.Log.Insert(4, _session.Log[3]);
        Finds("sequence 4 after 4");
    }

    [Fact]
    public void Check_OtherAudio_IsFound()
    {
        var audio = _session.First(Content.Audio)[1].Audio;
        byte[] data = audio.Data.ToByteArray();
        data[7] ^= 1;
        audio.Data = ByteString.CopyFrom(data);
        Finds("its audio is not what was sent, from byte 3207");
    }

    [Fact]
    public void Check_AudioThatEndsEarly_IsFound()
    {
        _session.Remove(_session.First(Content.Audio)[1], _session.First(Content.Motion)[1]);
        Finds("1600 samples of 3200");
    }

    [Fact]
    public void Check_KeyframesMissing_AreFound()
    {
        _session.Remove(_session.First(Content.Motion)[1]);
        Finds("completed with 5 keyframes of 10");
    }

    [Fact]
    public void Check_KeyframesOfAnotherPlace_AreFound()
    {
        var motion = _session.First(Content.Motion);
        (motion[0].Motion.Envelope, motion[1].Motion.Envelope) = (motion[1].Motion.Envelope, motion[0].Motion.Envelope);
        GoodSession.Change(motion[0], animation => animation.End = false);
        Finds("completed with 10 of 10 keyframes that were made for other speech");
    }

    [Fact]
    public void Check_KeyframesOfAnotherTurn_AreFound()
    {
        _session.First(Content.Motion)[0].Motion.Envelope = _session.Log.Find(payload => payload.TurnId == "two" && payload.Motion is not null)!.Motion.Envelope;
        GoodSession.Change(_session.First(Content.Motion)[0], animation => animation.ReqId = "one");
        Finds("completed with 5 of 10 keyframes that were made for other speech");
    }

    [Fact]
    public void Check_InventedKeyframe_IsFound()
    {
        GoodSession.Change(_session.First(Content.Motion)[0], animation => animation.Animation.Keyframes[2].JawPose[0] = 9);
        Finds("keyframe 2 is none that the Motion Server made");
    }

    [Fact]
    public void Check_IdsThatChangeWithinATurn_AreFound()
    {
        GoodSession.Change(_session.First(Content.Motion)[1], animation => animation.ConnectionId = "another");
        Finds("ids (leg, one) (another, one)");
    }

    [Fact]
    public void Check_EndMarkBeforeTheLast_IsFound()
    {
        GoodSession.Change(_session.First(Content.Motion)[0], animation => animation.End = true);
        Finds("motion after an envelope with the end mark");
    }

    [Fact]
    public void Check_MotionBeforeItsAudio_IsFound()
    {
        int motion = _session.Log.IndexOf(_session.First(Content.Motion)[1]);
        (_session.Log[motion - 1], _session.Log[motion]) = (_session.Log[motion], _session.Log[motion - 1]);
        _session.Renumber();
        Finds("motion at 5 before its audio, which is there up to 1600");
    }

    [Fact]
    public void Check_PayloadAfterTheEnd_IsFound()
    {
        var late = _session.First(Content.TurnSealed)[0];
        _session.Log.Remove(late);
        _session.Log.Insert(_session.Log.IndexOf(_session.First(Content.TurnEnded)[0]) + 1, late);
        _session.Renumber();
        Finds("TurnSealed 7 after its end");
    }

    [Fact]
    public void Check_TwoStarts_AreFound()
    {
        _session.Log.Insert(1, _session.Log[0].Clone());
        _session.Renumber();
        Finds("two starts");
    }

    [Fact]
    public void Check_TurnWithoutEnd_IsFound()
    {
        _session.Remove(_session.First(Content.TurnEnded)[0]);
        Finds("no end");
    }

    [Fact]
    public void Check_AudioOnlyWithoutAReason_IsFound()
    {
        _session.First(Content.TurnEnded)[0].TurnEnded.Outcome = TurnOutcome.AudioOnly;
        Finds("audio only without a reason");
    }

    [Fact]
    public void Check_TurnsInAnotherOrder_AreFound()
    {
        _session.Turns.Reverse();
        Finds("turns begin as one two, and were spoken as two one");
    }

    [Fact]
    public void Check_LogWithoutTheSessionsEnd_IsFound()
    {
        _session.Log.RemoveAt(_session.Log.Count - 1);
        Finds("the log ends with TurnEnded");
    }

    [Fact]
    public void Check_ReportThatSaysOtherwise_IsFound()
    {
        _session.Turns[0].Report!.PlayedSamples = 1;
        Finds("is reported as");
    }

    private void Finds(string what) => Assert.Contains(what, _session.Check(), StringComparison.Ordinal);
}
