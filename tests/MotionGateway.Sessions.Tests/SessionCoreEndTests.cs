using MotionGateway.Sessions.Tests.Checker;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests;

public sealed class SessionCoreEndTests
{
    private readonly CoreFixture _f = new(limits: new SessionLimits { MotionTimeout = TimeSpan.FromSeconds(2), IdleTimeout = TimeSpan.FromSeconds(3) });

    [Fact]
    public void Motion_NoProgress_TurnIsAudioOnly()
    {
        _f.Say("a", 80, end: true);
        _f.Pass(1500);
        _f.Move("a", 1);
        _f.Pass(1999);
        Assert.DoesNotContain(_f.Effects, effect => effect.Kind == EffectKind.Stall);
        _f.Pass(1);

        Assert.Contains(new Effect(EffectKind.Stall, "a"), _f.Effects);
        Assert.EndsWith("a motion 0+1; a seal; a AudioOnly at 80", _f.Log(), StringComparison.Ordinal);
        Assert.Equal(ErrorReason.MotionServerConnectionFailed, _f.Turn("a").MotionError);
    }

    [Fact]
    public void Motion_LostEarlyOrEmpty_TurnIsAudioOnlyAndAcknowledgedByRelease()
    {
        _f.Say("a", 80);
        _f.Core.MotionLost(new HashSet<string> { _f.Turn("a").RequestId }, ErrorReason.MotionServerConnectionClosed);
        Assert.Contains(new Effect(EffectKind.Acknowledge, "a", 1280), _f.Effects);
        _f.Move("a", 2);
        _f.Core.EndTurn("");
        _f.Pass(80);
        Assert.Equal("a start; a audio 0+80; a audio 80+0 last; a seal; a AudioOnly at 80", _f.Log());

        _f.Say("b", 80);
        _f.Move("b", 1, end: true);
        _f.Core.EndTurn("");
        _f.Pass(80);
        Assert.EndsWith("b AudioOnly at 80", _f.Log(), StringComparison.Ordinal);

        _f.Say("c", 80, end: true);
        _f.Move("c", 0, end: true);
        _f.Pass(80);
        Assert.Equal("c start; c audio 0+80 last; c seal; c AudioOnly at 80", _f.Log());
    }

    [Fact]
    public void Motion_EndInAnEmptyMessage_IsWholeAndNeverForwarded()
    {
        _f.Say("a", 40, end: true);
        _f.Move("a", 1);
        _f.Move("a", 0, end: true);
        _f.Core.MotionReceived("unknown", new byte[1], 3, true);
        _f.Pass(40);

        Assert.Equal("a start; a audio 0+40 last; a motion 0+1; a seal; a Completed at 40", _f.Log());
    }

    [Fact]
    public void Idle_IsCountedFromTheEndOfTheLastTurn()
    {
        _f.SayWhole("a", 2900);
        _f.Pass(2900);
        Assert.EndsWith("a Completed at 2900", _f.Log(), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(3), _f.Core.NextDue());
        _f.Pass(2999);
        Assert.False(_f.Core.IsClosed);
        _f.Pass(1);

        Assert.Equal("SessionEnded", _f.Log());
        Assert.Null(_f.Core.NextDue());
    }

    [Fact]
    public void Idle_TurnLongerThanTheTimeout_DoesNotCloseAtItsEnd()
    {
        _f.SayWhole("a", 8000);
        _f.Pass(8000);

        Assert.False(_f.Core.IsClosed);
        Assert.Equal(TimeSpan.FromSeconds(3), _f.Core.NextDue());
    }

    [Theory]
    [InlineData(ErrorReason.Unspecified, "Interrupted")]
    [InlineData(ErrorReason.SpeakerLost, "Failed")]
    public void Close_EndsEveryTurnAndRefusesWhatFollows(ErrorReason error, string outcome)
    {
        _f.SayWhole("a", 80);
        _f.Say("b", 40);
        _f.Log();

        _f.Core.Close(error, "bye");
        _f.Core.Close(error, "bye");

        Assert.Equal($"a {outcome} at 0; b start; b {outcome} at 0; SessionEnded", _f.Log());
        Assert.Single(_f.Effects, effect => effect.Kind == EffectKind.SessionEnd);
        Assert.Equal(640, _f.Turn("b").AcknowledgedBytes);
        Assert.Equal(ErrorReason.SessionClosed, _f.Refusal(() => _f.Say("", 1)));
        Assert.Equal(ErrorReason.SessionClosed, _f.Refusal(() => _f.Core.EndTurn("")));
        Assert.Equal(ErrorReason.SessionClosed, _f.Refusal(() => _f.Core.Interrupt("", "")));
        Assert.Equal(ErrorReason.SessionClosed, _f.Refusal(() => _f.Core.Send(new ViewerMessage())));
        Assert.Equal(ErrorReason.SessionClosed, _f.Refusal(_f.Core.PausePlayback));
        Assert.Null(_f.Core.NextDue());
    }

    [Fact]
    public void Finish_EndsTheOpenTurnAndClosesAfterTheLast()
    {
        _f.Core.WriteAudio("a", new byte[3], false);
        Assert.Equal(ErrorReason.OddAudioLength, _f.Refusal(_f.Core.Finish));
        _f.Core.WriteAudio("a", new byte[637], false);

        _f.Core.Finish();
        _f.Move("a", 1, end: true);
        Assert.False(_f.Core.IsClosed);
        _f.Pass(40);

        Assert.EndsWith("a Completed at 40; SessionEnded", _f.Log(), StringComparison.Ordinal);
        Assert.Null(_f.Core.NextDue());
    }
}
