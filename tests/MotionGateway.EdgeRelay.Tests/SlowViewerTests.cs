using Microsoft.Extensions.Time.Testing;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests;

public sealed class SlowViewerTests
{
    private const int WindowBytes = 16 * 1024;

    [Fact]
    public async Task Interrupt_ViewerHasNotAcknowledged_OvertakesItsMedia()
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.WindowBytes = WindowBytes);
        var session = test.AddSession();
        session.Start("t1");
        using var slow = await test.ViewAsync(start => start.ReaderId = "slow", acknowledge: false);
        using var fast = await test.ViewAsync(start => start.ReaderId = "fast");
        await slow.ReceiveUntilAsync(response => response.Payload is not null);
        session.Audios("t1", 50);
        await slow.ReceiveUntilAsync(response => response.Payload?.Audio is not null);
        await fast.ReceiveThroughAsync(51);
        long interrupt = session.Interrupt("t1");
        session.Start("t2");
        long last = session.Say("after");

        await slow.ReceiveThroughAsync(last);
        await fast.ReceiveThroughAsync(last);

        int media = slow.Payloads.Count(payload => payload.Audio is not null);
        Assert.InRange(media, 1, (WindowBytes / 3200) + 1);
        Assert.DoesNotContain(slow.Payloads, payload => payload.TurnId == "t1" && payload.Sequence > interrupt);
        slow.AssertContiguous();
        fast.AssertContiguous();
    }

    [Fact]
    public async Task Viewer_MediaWaitsTooLongForItsAcknowledgement_IsToldToResume()
    {
        await using var test = await RelayUnderTest.StartAsync(options =>
        {
            options.WindowBytes = WindowBytes;
            options.StallTimeout = TimeSpan.FromMilliseconds(200);
        });
        var session = test.AddSession();
        session.Start("t1");
        session.Audios("t1", 50);
        using var slow = await test.ViewAsync(start => start.ReaderId = "slow", acknowledge: false);

        var failure = await slow.ReceiveToEndAsync();

        Assert.Equal(ErrorReason.ReaderTooSlow, failure?.Reason);
        Assert.True(failure?.Retryable);
        Assert.Equal(4543, slow.CloseCode);
    }

    [Fact]
    public async Task Viewer_SaysThatItDoesNotAcknowledge_IsNotBoundByTheWindow()
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.WindowBytes = WindowBytes);
        var session = test.AddSession();
        session.Start("t1");
        session.Audios("t1", 50);
        using var viewer = await test.ViewAsync(start => start.WithoutAcknowledgements = true, acknowledge: false);

        await viewer.ReceiveThroughAsync(session.End("t1"));

        Assert.Equal(52, viewer.Payloads.Count());
    }

    [Fact]
    public async Task Viewer_SaysNothingForTooLong_IsToldSo()
    {
        var time = new FakeTimeProvider();
        var limit = TimeSpan.FromMinutes(30);
        await using var test = await RelayUnderTest.StartAsync(
            options =>
            {
                options.HeartbeatInterval = TimeSpan.FromSeconds(1);
                options.PeerTimeout = limit;
            },
            time);
        test.AddSession();
        using var viewer = await test.ViewAsync(acknowledge: false);

        // When the relay has seen that the start was sent, only it knows.
        var heartbeat = viewer.ReceiveUntilAsync(response => response.Heartbeat is not null);
        await time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(200), () => heartbeat.IsCompleted);
        await heartbeat;
        time.Advance(limit);
        var failure = await viewer.ReceiveToEndAsync();

        Assert.Equal(ErrorReason.HeartbeatTimeout, failure?.Reason);
    }

    // A hidden tab's timers run once a minute: it says something only when it is spoken to.
    [Fact]
    public async Task Viewer_ThatAnswersEachHeartbeatAndSaysNothingElse_IsNotCutOff()
    {
        var time = new FakeTimeProvider();
        await using var test = await RelayUnderTest.StartAsync(
            options =>
            {
                options.HeartbeatInterval = TimeSpan.FromSeconds(15);
                options.PeerTimeout = TimeSpan.FromSeconds(45);
            },
            time);
        var session = test.AddSession();
        using var viewer = await test.ViewAsync(acknowledge: false);
        for (int i = 0; i < 8; i++)
        {
            var heartbeat = viewer.ReceiveUntilAsync(response => response.Heartbeat is not null);
            await time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => heartbeat.IsCompleted);
            await heartbeat;
            await viewer.SendAsync(new SubscribeRequest { Heartbeat = new Heartbeat() });
        }

        session.Start("t1");
        var received = viewer.ReceiveThroughAsync(session.End("t1"));

        // Where time has run ahead of a busy machine, the relay waits for it before it follows the session again.
        await time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(100), () => received.IsCompleted);
        await received;

        Assert.Equal(2, viewer.Payloads.Count());
    }
}
