using Microsoft.Extensions.Time.Testing;
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
            new FakeTimeProvider());
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

    [Fact]
    public async Task CatchUp_OfAViewerThatAcknowledgesNothing_EndsAndGivesItsPlaceBack()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var test = await RelayUnderTest.StartAsync(
            options =>
            {
                options.MaxCatchUps = 1;
                options.StallTimeout = TimeSpan.FromSeconds(30);
            },
            time);
        var session = test.AddSession();
        FillBeforeTheWindow(session);
        using var stuck = await test.ViewAsync(
            start => (start.ReaderId, start.Position) = ("a", new Position { Epoch = 1 }), acknowledge: false);
        using var other = await test.ConnectAsync();
        await other.StartAsync(start => (start.ViewerToken, start.ReaderId, start.Position) = (test.Token(), "b", new Position { Epoch = 1 }));
        var ending = stuck.ReceiveToEndAsync();
        await time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => ending.IsCompleted);

        // The clock stands still: this one is not slow.
        await other.ReceiveThroughAsync(202);

        Assert.Equal(ErrorReason.ReaderTooSlow, (await ending)?.Reason);
        other.AssertContiguous();
    }

    [Fact]
    public async Task CatchUp_OfOneSession_LeavesPlacesToOthers()
    {
        await using var test = await RelayUnderTest.StartAsync(options => (options.MaxCatchUps, options.MaxCatchUpsPerSession) = (2, 1));
        FillBeforeTheWindow(test.AddSession());
        FillBeforeTheWindow(test.AddSession("session-2"));
        using var stuck = await test.ViewAsync(
            start => (start.ReaderId, start.Position) = ("a", new Position { Epoch = 1 }), acknowledge: false);
        await stuck.ReceiveUntilAsync(response => response.Payload is not null);
        using var waiting = await test.ConnectAsync();
        await waiting.StartAsync(
            start => (start.ViewerToken, start.ReaderId, start.Position) = (test.Token(), "b", new Position { Epoch = 1 }));

        using var other = await test.ConnectAsync(sessionId: "session-2");
        await other.StartAsync(start => (start.ViewerToken, start.Position) = (test.Token("session-2"), new Position { Epoch = 1 }));
        await other.ReceiveThroughAsync(202);

        other.AssertContiguous();
    }

    [Fact]
    public async Task CatchUp_OfOneViewerUnderManyNames_LeavesPlacesToOthers()
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.MaxCatchUpsPerSession = 4);
        FillBeforeTheWindow(test.AddSession());
        var greedy = new List<TestViewer>();
        for (int i = 0; i < 4; i++)
        {
            var viewer = await test.ConnectAsync(acknowledge: false);
            await viewer.StartAsync(
                start => (start.ViewerToken, start.ReaderId, start.Position) = (test.Token(), $"name-{i}", new Position { Epoch = 1 }));
            greedy.Add(viewer);
            if (i == 0)
            {
                await viewer.ReceiveUntilAsync(response => response.Payload is not null);
            }
        }

        await RelayUnderTest.UntilAsync(() => test.ViewerCount == 4, "all names had shown their token");
        using var other = await test.ViewAsync(
            start => (start.ViewerToken, start.Position) = (test.Token(viewerId: "somebody else"), new Position { Epoch = 1 }));
        await other.ReceiveThroughAsync(202);
        other.AssertContiguous();

        // The next one of the same viewer comes on when the first has left.
        greedy[0].Dispose();
        await Task.WhenAny(greedy.Skip(1).Select(viewer => viewer.ReceiveUntilAsync(response => response.Payload is not null))).DefaultTimeout();
        greedy.ForEach(viewer => viewer.Dispose());
    }

    [Fact]
    public async Task Start_AtATurnThatIsLongerThanAllLogs_BeginsWithItsStartAndAsksTheGatewayOnce()
    {
        const int logBytes = 1024 * 1024;
        await using var test = await RelayUnderTest.StartAsync(options => options.LogBytes = logBytes);
        var session = test.AddSession(maxBytes: logBytes);
        session.Start("t1");
        using var early = await test.ViewAsync(start => start.ReaderId = "early");
        for (int i = 1; i <= 10; i++)
        {
            // The relay keeps up: nothing has left the gateway's log before it came.
            session.Audios("t1", 50);
            await early.ReceiveThroughAsync(1 + (50 * i));
        }

        List<TestViewer> late = [];
        for (int i = 0; i < 4; i++)
        {
            late.Add(await test.ViewAsync(start => start.ReaderId = $"late-{i}"));
            await late[i].ReceiveThroughAsync(501);
        }

        long last = session.End("t1");
        await Task.WhenAll(late.Select(viewer => viewer.ReceiveThroughAsync(last)));

        Assert.All(late, viewer =>
        {
            Assert.NotNull(viewer.Payloads.First().TurnStarted);
            Assert.Equal((2L, SkipReason.Expired), (viewer.Received[2].Skipped.Range.From, viewer.Received[2].Skipped.Reason));
            viewer.AssertContiguous();
            viewer.Dispose();
        });
        Assert.Equal(2, session.Subscriptions.Count);
    }

    // The window has all of the turn, and would begin with it.
    [Fact]
    public async Task Start_Now_InTheMidstOfATurnThatTheWindowHas_LeavesOutWhatWasHeard()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        session.Start("t1");
        session.Audios("t1", 30);
        using var first = await test.ViewAsync(start => start.ReaderId = "first");
        await first.ReceiveThroughAsync(31);
        session.HeardSamples = 10 * 1600;
        using var late = await test.ViewAsync(start => (start.ReaderId, start.Start) = ("late", FeedStart.Now));
        await late.ReceiveThroughAsync(session.End("t1"));

        Assert.Equal([1, .. Enumerable.Range(12, 21)], late.Payloads.Select(payload => (int)payload.Sequence));
        Assert.Equal(SkipReason.BeforeStart, late.Received.Single(response => response.Skipped is not null).Skipped.Reason);
        late.AssertContiguous();
    }

    [Fact]
    public async Task Start_Now_WhereNothingPlays_TakesNoPlaceFromOthers()
    {
        await using var test = await RelayUnderTest.StartAsync(options => (options.MaxCatchUps, options.MaxCatchUpsPerSession) = (1, 1));
        var session = test.AddSession();
        session.Start("t1");
        session.End("t1");
        List<TestViewer> viewers = [];
        for (int i = 0; i < 3; i++)
        {
            viewers.Add(await test.ViewAsync(start => (start.ReaderId, start.Start) = ($"viewer-{i}", FeedStart.Now)));
        }

        session.Start("t2");
        long last = session.Audio("t2");
        await Task.WhenAll(viewers.Select(viewer => viewer.ReceiveThroughAsync(last)));

        Assert.All(viewers, viewer =>
        {
            Assert.Equal([3, 4], viewer.Payloads.Select(payload => (int)payload.Sequence));
            viewer.Dispose();
        });
    }

    private static void FillBeforeTheWindow(FakeSession session)
    {
        session.Start("t1");
        session.Audios("t1", 200);
        session.End("t1");
    }
}
