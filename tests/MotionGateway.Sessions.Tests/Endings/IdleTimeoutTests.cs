using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Endings;

/// <summary>A session in which nothing is said for long.</summary>
public sealed class IdleTimeoutTests
{
    [Theory]
    [InlineData(599_999, false)]
    [InlineData(600_000, true)]
    public void IdleTimeout_WithinAt(int milliseconds, bool isClosed)
    {
        var f = new CoreFixture();
        f.SayWhole("a", 1000);
        f.Pass(1000);
        f.Pass(milliseconds);

        Assert.Equal(isClosed, f.Core.IsClosed);
    }

    [Theory]
    [InlineData("interrupt")]
    [InlineData("pause")]
    [InlineData("resume")]
    [InlineData("message")]
    public void IdleTimeout_IsDueWhenACommandComes_SessionIsClosedAndTheCommandFailsInNothing(string command)
    {
        var f = new CoreFixture();
        f.Time.Advance(f.Limits.IdleTimeout);
        switch (command)
        {
            case "interrupt":
                Assert.Equal(("", true), (f.Interrupt() is { } result ? (result.TurnId, result.AlreadyEnded) : default));
                break;
            case "pause":
                f.Core.PausePlayback();
                break;
            case "resume":
                f.Core.ResumePlayback();
                break;
            default:
                f.Core.Send(new ViewerMessage { Kind = "k", Text = "t" });
                break;
        }

        Assert.Equal((ErrorReason.Unspecified, "idle"), f.Closed);
        Assert.EndsWith("SessionEnded", f.Shown(), StringComparison.Ordinal);
    }

    [Fact]
    public void IdleTimeout_Zero_Never()
    {
        var f = new CoreFixture(limits: new SessionLimits { IdleTimeout = TimeSpan.Zero });

        Assert.Null(f.Core.NextDue());
    }
}
