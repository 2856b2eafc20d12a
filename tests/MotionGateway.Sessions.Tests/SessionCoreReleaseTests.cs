using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests;

public sealed class SessionCoreReleaseTests
{
    [Fact]
    public void Turn_Whole_IsStartedSealedAndCompletedAtItsHorizon()
    {
        var f = new CoreFixture();
        f.Say("a", 80);
        f.Move("a", 1);
        f.Core.EndTurn("a");
        Assert.Equal("a start; a audio 0+80; a motion 0+1; a audio 80+0 last", f.Log());
        f.Move("a", 1, end: true);
        Assert.Equal("a motion 1+1 last; a seal", f.Log());
        Assert.Equal(TimeSpan.FromMilliseconds(80), f.Core.NextDue());

        f.Pass(79);
        Assert.Equal("", f.Log());
        f.Pass(1);
        Assert.Equal("a Completed at 80", f.Log());
    }

    [Fact]
    public void AfterPrevious_NextTurnWaitsForTheEnd()
    {
        var f = new CoreFixture();
        f.SayWhole("a", 80);
        f.SayWhole("b", 40);
        Assert.Equal("a start; a audio 0+80 last; a motion 0+2 last; a seal", f.Log());

        f.Pass(80);
        Assert.Equal("a Completed at 80; b start; b audio 0+40 last; b motion 0+1 last; b seal", f.Log());
        f.Pass(40);
        Assert.Equal("b Completed at 40", f.Log());
    }

    [Fact]
    public void AtOnce_NextTurnIsReleasedAfterTheSealAndInterruptedWithTheFirst()
    {
        var f = new CoreFixture(CoreFixture.Settings with { TurnRelease = TurnRelease.AtOnce });
        f.Say("a", 80, end: true);
        f.SayWhole("b", 40);
        Assert.Equal("a start; a audio 0+80 last", f.Log());
        f.Move("a", 2, end: true);
        Assert.Equal("a motion 0+2 last; a seal; b start; b audio 0+40 last; b motion 0+1 last; b seal", f.Log());

        f.Pass(50);
        var result = f.Core.Interrupt("", "stop");

        Assert.Equal(("a", 400), (result.TurnId, (int)result.PlayedSamples));
        Assert.Equal(["b"], result.FurtherTurnIds);
        Assert.Equal(new Feeds.SequenceSpan(2, 3), result.Discarded);
        Assert.Equal("a Interrupted at 50; b Interrupted at 0", f.Log());
    }

    [Fact]
    public void Interrupt_WaitingEndedOrUnknownTurn_TouchesNoOther()
    {
        var f = new CoreFixture();
        Assert.Equal(("", true), (f.Core.Interrupt("", "").TurnId, f.Core.Interrupt("", "").AlreadyEnded));
        f.SayWhole("a", 80);
        f.SayWhole("b", 40);
        f.Log();

        Assert.False(f.Core.Interrupt("b", "").AlreadyEnded);
        Assert.Equal("b start; b Interrupted at 0", f.Log());
        Assert.True(f.Core.Interrupt("b", "").AlreadyEnded);
        Assert.True(f.Core.Interrupt("none", "").AlreadyEnded);
        f.Pass(80);
        Assert.Equal("a Completed at 80", f.Log());
    }

    [Fact]
    public void Interrupt_MediaHasLeftTheLog_IsDiscardedAllTheSame()
    {
        var f = new CoreFixture(limits: new SessionLimits { Log = new Feeds.SessionLogOptions { MaxBytes = 2000 } });
        for (int i = 0; i < 10; i++)
        {
            f.Say("a", 100);
        }

        f.Pass(150);

        Assert.Equal(new Feeds.SequenceSpan(3, 11), f.Core.Interrupt("a", "").Discarded);
    }

    [Fact]
    public void Hold_AudioWaitsForMotionOrTheLimit()
    {
        var f = new CoreFixture(CoreFixture.Settings with { AudioRelease = AudioRelease.WithMotion });
        f.Say("a", 80, end: true);
        Assert.Equal("", f.Log());
        f.Move("a", 2, end: true);
        Assert.Equal("a start; a audio 0+80 last; a motion 0+2 last; a seal", f.Log());
        f.Pass(80);
        f.Log();

        f.Say("b", 80);
        f.Pass(4999);
        Assert.Equal("", f.Log());
        f.Pass(1);
        Assert.Equal("b start; b audio 0+80", f.Log());
    }

    [Fact]
    public void Lead_PayloadsAreReleasedNoFurtherAheadOfPlayback()
    {
        var f = new CoreFixture(CoreFixture.Settings with { MaxLead = TimeSpan.FromMilliseconds(100) });
        for (int i = 0; i < 4; i++)
        {
            f.Say("a", 80);
        }

        Assert.Equal("a start; a audio 0+80; a audio 80+80", f.Log());
        f.Pass(59);
        Assert.Equal("", f.Log());
        f.Pass(1);
        Assert.Equal("a audio 160+80", f.Log());
    }

    [Fact]
    public void Lead_PlayingTurnWaitsForASlowViewer_IsNotDueAtOnceForEver()
    {
        var f = new CoreFixture(CoreFixture.Settings with { MaxLead = TimeSpan.FromMilliseconds(100), TurnRelease = TurnRelease.AtOnce });
        f.SayWhole("a", 80);
        f.Pass(80 - 1);
        f.Core.ReportPlayback("a", -5000);
        f.Say("b", 200);
        f.Say("b", 200);
        f.Pass(500);

        Assert.EndsWith("a Completed at 80; b audio 200+200", f.Log().Replace("; b start; b audio 0+200", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void Clock_RunsDryPausesAndResumes()
    {
        var f = new CoreFixture(limits: new SessionLimits { PauseLimit = TimeSpan.FromSeconds(1) });
        f.Say("a", 80);
        f.Pass(500);
        Assert.Equal(640, f.Turn("a").Clock.Heard);
        f.Say("a", 80);
        f.Pass(30);
        f.Core.PausePlayback();
        f.Core.PausePlayback();
        f.Pass(500);
        Assert.Equal(110 * 8, f.Turn("a").Clock.Heard);
        f.Core.ResumePlayback();
        f.Core.ResumePlayback();
        f.Pass(10);
        f.Core.PausePlayback();
        f.Pass(1010);

        Assert.Equal(130 * 8, f.Turn("a").Clock.Heard);
        Assert.Equal("a start; a audio 0+80; a audio 80+80; a pause; a resume; a pause; a resume", f.Log());
    }

    [Theory]
    [InlineData(0, 80)]
    [InlineData(30, 110)]
    [InlineData(5000, 120)]
    public void ReportPlayback_ViewerIsBehind_MovesTheEndWithinBounds(int lag, int end)
    {
        var f = new CoreFixture(limits: new SessionLimits { MaxViewerLag = TimeSpan.FromMilliseconds(40) });
        f.SayWhole("a", 80);
        f.Pass(60);
        f.Core.ReportPlayback("a", (60 - lag) * 8);
        f.Core.ReportPlayback("a", 100_000);
        f.Log();

        f.Pass(end - 60 - 1);
        Assert.Equal("", f.Log());
        f.Pass(1);
        Assert.Equal("a Completed at 80", f.Log());
    }
}
