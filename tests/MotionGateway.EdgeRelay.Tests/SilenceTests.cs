using Microsoft.Extensions.Time.Testing;
using MotionGateway.Testing;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>How long a path may be silent: a dead one is noticed within 5 s while a turn is under way.</summary>
public sealed class SilenceTests
{
    private static readonly TimeSpan TurnLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task Gateway_SilentWithinATurn_IsLostAfterFiveSeconds()
    {
        var time = new FakeTimeProvider();
        await using var test = await RelayUnderTest.StartAsync(time: time);
        test.State.TurnHeartbeatIntervalMs = 2000;
        var session = test.AddSession();
        session.Start("t1");
        using var viewer = await test.ViewAsync();
        await viewer.ReceiveThroughAsync(1);
        var heard = time.GetUtcNow();

        await time.AdvanceUntilAsync(Step, () => test.Log.Any(entry => entry.Message.StartsWith("Lost the feed", StringComparison.Ordinal)));
        var lost = time.GetUtcNow();
        await time.AdvanceUntilAsync(Step, () => session.Subscriptions.Count == 2);
        long last = session.End("t1");
        await viewer.ReceiveThroughAsync(last);

        viewer.AssertContiguous();

        // The clock may have gone on for a little before the relay began to wait, and after it was told.
        Assert.InRange(lost - heard, TurnLimit * 0.8, TurnLimit + TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Gateway_SilentBetweenTurns_IsNotLostSoon(bool hasSpoken)
    {
        var time = new FakeTimeProvider();
        await using var test = await RelayUnderTest.StartAsync(options => options.PeerTimeout = TimeSpan.FromSeconds(45), time);
        test.State.TurnHeartbeatIntervalMs = 2000;
        var session = test.AddSession();
        using var viewer = await test.ViewAsync();
        if (hasSpoken)
        {
            session.Start("t1");
            await viewer.ReceiveThroughAsync(session.End("t1"));
        }

        time.Advance(TurnLimit * 6);
        await viewer.ReceiveThroughAsync(session.Say("still here"));

        Assert.Single(session.Subscriptions);
    }

    [Fact]
    public async Task Heartbeats_OfTheRelay_ComeMoreOftenWithinATurn()
    {
        var time = new FakeTimeProvider();
        await using var test = await RelayUnderTest.StartAsync(
            options => (options.HeartbeatInterval, options.TurnHeartbeatInterval) = (TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(2)), time);
        var session = test.AddSession();
        using var viewer = await test.ViewAsync();
        session.Start("t1");
        await viewer.ReceiveThroughAsync(1);
        var sent = time.GetUtcNow();

        var beating = viewer.ReceiveUntilAsync(response => response.Heartbeat is not null);
        await time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(20), () => beating.IsCompleted);
        var beat = await beating;
        await viewer.ReceiveThroughAsync(session.End("t1"));
        time.Advance(TimeSpan.FromSeconds(10));
        await viewer.ReceiveThroughAsync(session.Say("after"));

        Assert.Equal((15_000, 2000), (viewer.Started.HeartbeatIntervalMs, viewer.Started.TurnHeartbeatIntervalMs));
        Assert.InRange(beat.Heartbeat.Time.ToDateTimeOffset() - sent, TimeSpan.FromSeconds(1), TurnLimit);
        Assert.Single(viewer.Received, response => response.Heartbeat is not null);
    }
}
