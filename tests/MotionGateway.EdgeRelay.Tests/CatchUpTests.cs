using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests;

public sealed class CatchUpTests
{
    [Fact]
    public async Task Start_BeforeTheWindow_CatchesUpAndJoinsExactlyOnce()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        session.Start("t1");
        session.Audios("t1", 200);
        session.End("t1");
        session.Start("t2");
        using var first = await test.ViewAsync();
        await first.ReceiveUntilAsync(response => response.Payload?.TurnStarted is not null);

        using var late = await test.ViewAsync(start =>
        {
            start.ReaderId = "late";
            start.Position = new Position { Epoch = 1, Sequence = 0 };
        });
        var speaking = Task.Run(async () =>
        {
            for (int i = 0; i < 200; i++)
            {
                session.Audio("t2");
                await Task.Yield();
            }

            return session.End("t2");
        });
        long last = await speaking;
        await late.ReceiveThroughAsync(last);

        Assert.Equal(Enumerable.Range(1, (int)last), late.Payloads.Select(payload => (int)payload.Sequence));
        late.AssertContiguous();
        Assert.Equal(2, session.Subscriptions.Count);
        await RelayUnderTest.UntilAsync(() => session.Open == 1, "the catch-up read was over");
    }

    [Fact]
    public async Task Start_BeforeTheWindow_ViewerThatDoesNotAcknowledge_IsBoundedByItsWindow()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        session.Start("t1");
        session.Audios("t1", 100);
        session.End("t1");
        using var viewer = await test.ViewAsync(start => start.Position = new Position { Epoch = 1, Sequence = 0 }, acknowledge: false);

        long sent = 0;
        int count = 0;
        while (sent < 120 * 1024)
        {
            var payload = (await viewer.ReceiveUntilAsync(response => response.Payload is not null)).Payload;
            sent += payload.CalculateSize();
            count++;
        }

        Assert.True(count < 50);
        await viewer.AcknowledgeAsync(1, count - 1);
        await viewer.ReceiveThroughAsync(count + 10);
        viewer.AssertContiguous();
    }

    [Fact]
    public async Task Start_AtAPositionThatHasExpired_IsToldWhatIsThere()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession(after: 100);
        session.Say("a");
        session.Say("b");
        using var viewer = await test.ViewAsync(start => start.Position = new Position { Epoch = 1, Sequence = 5 });

        var failure = await viewer.ReceiveToEndAsync();

        Assert.Equal(ErrorReason.SequenceExpired, failure?.Reason);
        Assert.Equal(new SequenceRange { From = 101, Through = 102 }, failure?.Available);
        Assert.Equal(1u, failure?.Epoch);
        Assert.Equal(4041, viewer.CloseCode);
    }

    [Theory]
    [InlineData(1, 50, ErrorReason.PositionAhead)]
    [InlineData(2, 1, ErrorReason.EpochChanged)]
    public async Task Start_AtAPositionThatIsNotThere_IsToldWhy(uint epoch, long sequence, ErrorReason reason)
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        session.Say("a");
        using var viewer = await test.ViewAsync(start => start.Position = new Position { Epoch = epoch, Sequence = sequence });

        var failure = await viewer.ReceiveToEndAsync();

        Assert.Equal(reason, failure?.Reason);
        Assert.False(failure?.Retryable);
    }

    [Fact]
    public async Task Start_TooManyCatchUps_IsToldToTryLater()
    {
        // Time stands still for whoever starts; a place among the catch-ups is waited for by the true clock.
        await using var test = await RelayUnderTest.StartAsync(
            options =>
            {
                options.MaxCatchUps = 1;
                options.StartTimeout = TimeSpan.FromMilliseconds(200);
            },
            new ManualTimeProvider());
        var session = test.AddSession();
        session.Start("t1");
        session.Audios("t1", 200);
        session.End("t1");
        using var stuck = await test.ViewAsync(
            start => (start.ReaderId, start.Position) = ("a", new Position { Epoch = 1 }), acknowledge: false);
        await stuck.ReceiveUntilAsync(response => response.Payload is not null);
        using var refused = await test.ViewAsync(start => (start.ReaderId, start.Position) = ("b", new Position { Epoch = 1 }));

        var failure = await refused.ReceiveToEndAsync();

        Assert.Equal(ErrorReason.ReaderLimit, failure?.Reason);
        Assert.True(failure?.Retryable);
        Assert.Equal(4561, refused.CloseCode);
    }
}
