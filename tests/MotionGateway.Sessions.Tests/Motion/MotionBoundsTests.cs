using MotionGateway.Sessions.Tests.Simulation;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Motion;

/// <summary>How much motion is kept that waits for its place or its release: no more than speech gives.</summary>
public sealed class MotionBoundsTests
{
    private readonly CoreFixture _f = new();

    [Fact]
    public void MotionAhead_WaitsForItsPlace_CountsAmongTheHeldBytes()
    {
        var (old, next) = Replace();
        long before = _f.Core.HeldBytes;
        _f.Receive(next, [], end: false, count: 0);
        Assert.Equal(before, _f.Core.HeldBytes);
        _f.Move(next, 50);
        long ahead = _f.Core.HeldBytes - before;
        Assert.InRange(ahead, 50 * sizeof(ulong), 50 * 64);
        _f.LoseLeg();
        Assert.Equal(before, _f.Core.HeldBytes);
        Assert.True(old.IsFenced);
    }

    [Theory]
    [InlineData(102, 0, false)]
    [InlineData(103, 0, true)]
    [InlineData(1, 60_000, false)]
    [InlineData(1, 70_000, true)]
    public void MotionAhead_WithinAndBeyondWhatItsSpeechGives_IsAskedForAgain(int keyframes, int padding, bool isBeyond)
    {
        var (_, next) = Replace();
        byte[] envelope = [.. Keyframes.Encode("leg", "r", end: false, new ulong[keyframes]), .. new byte[padding]];
        _f.Core.Motion.Receive(next, new MotionServer.MotionMessage("leg", "r", null, false, keyframes, envelope));
        _f.Core.Advance();

        Assert.Equal(isBeyond, next.IsFenced);
        if (isBeyond)
        {
            _f.Send();
            _f.Move(_f.Requests[^1], 150, end: true);
            _f.Pass(8000);
            Assert.Equal((TurnOutcome.Completed, 200), (_f.Ended[0].Outcome, _f.Ended[0].ReleasedKeyframes));
        }
    }

    [Fact]
    public void Motion_FarMoreThanTheSpeechOfATurnThatWaits_HoldsNoMoreThanTheSpeechGives()
    {
        _f.SayWhole("plays", 8000);
        _f.Say("waits", 1000);
        _f.Move("waits", 25);
        long before = _f.Core.HeldBytes;
        for (int i = 0; i < 1000; i++)
        {
            _f.Move(_f.Requests[^1], 25);
        }

        Assert.InRange(_f.Core.HeldBytes, 0, before + (2 * 25 * 64));
    }

    // Four seconds on one connection, of which two have their motion, and four more on another.
    private (MotionRequest Old, MotionRequest Next) Replace()
    {
        _f.Say("a", 4000);
        _f.Move("a", 50);
        _f.Leg = _f.NewLeg();
        _f.Say("a", 4000, end: true);
        _f.Send();
        return (_f.Requests[0], _f.Requests[1]);
    }
}
