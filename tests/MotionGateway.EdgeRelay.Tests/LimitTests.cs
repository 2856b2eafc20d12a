using System.Net;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests;

public sealed class LimitTests
{
    [Fact]
    public async Task Viewer_BeyondTheRelaysLimit_IsToldToTryLater()
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.MaxViewers = 1);
        test.AddSession();
        using var second = await test.ConnectAsync();
        using var first = await test.ViewAsync(start => start.ReaderId = "a");
        await second.StartAsync(start => start.ViewerToken = test.Token());

        Assert.Equal(ErrorReason.ReaderLimit, (await second.ReceiveToEndAsync())?.Reason);
        Assert.Equal(1, test.ViewerCount);
        using var third = await test.AskForFeedAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, third.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(30), third.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task Viewer_BeyondTheSessionsLimit_IsToldToTryLater()
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.MaxViewersPerSession = 1);
        test.AddSession();
        using var first = await test.ViewAsync(start => start.ReaderId = "a");
        using var second = await test.ViewAsync(start => start.ReaderId = "b");
        var failure = await second.ReceiveToEndAsync();
        using var again = await test.ViewAsync(start => start.ReaderId = "a");

        Assert.Equal(ErrorReason.ReaderLimit, failure?.Reason);
        Assert.Equal(4561, second.CloseCode);
    }

    [Fact]
    public async Task Session_BeyondThoseThatTheRelayMayFollow_IsRefused()
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.MaxFeeds = 1);
        test.AddSession();
        test.AddSession("session-2");
        using var first = await test.ViewAsync();
        using var second = await test.ConnectAsync(sessionId: "session-2");
        await second.StartAsync(start => start.ViewerToken = test.Token("session-2"));

        Assert.Equal(ErrorReason.ReaderLimit, (await second.ReceiveToEndAsync())?.Reason);
        Assert.Equal(1, test.FeedCount);
    }

    [Fact]
    public async Task Viewer_ConnectsAgainAsTheSameReader_TakesThePlaceOfTheOlder()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        session.Start("t1");
        using var older = await test.ViewAsync(start => start.ReaderId = "phone");
        await older.ReceiveThroughAsync(1);
        using var other = await test.ViewAsync(start => (start.ReaderId, start.ViewerToken) = ("phone", test.Token(viewerId: "viewer-2")));
        await other.ReceiveThroughAsync(1);
        using var newer = await test.ViewAsync(start => start.ReaderId = "phone");
        var failure = await older.ReceiveToEndAsync();
        long last = session.Audio("t1");
        await newer.ReceiveThroughAsync(last);
        await other.ReceiveThroughAsync(last);

        Assert.Equal(ErrorReason.Superseded, failure?.Reason);
        Assert.False(failure?.Retryable);
        Assert.Equal(4023, older.CloseCode);
        Assert.Single(session.Subscriptions);
    }

    [Fact]
    public async Task Relay_ShutsDown_TellsViewersFirst()
    {
        await using var test = await RelayUnderTest.StartAsync();
        test.AddSession();
        using var viewer = await test.ViewAsync();

        var stopping = test.Relay.StopAsync();
        var goingAway = await viewer.ReceiveUntilAsync(response => response.GoingAway is not null);
        var failure = await viewer.ReceiveToEndAsync();
        await stopping.DefaultTimeout();

        Assert.InRange(goingAway.GoingAway.GraceMs, 0, 100);
        Assert.Equal(ErrorReason.ShuttingDown, failure?.Reason);
        Assert.Equal(4562, viewer.CloseCode);
        Assert.Equal(0, test.ViewerCount);
        Assert.Equal(0, test.FeedCount);
    }

    [Fact]
    public async Task Relay_ShutsDown_TellsViewersDifferentTimesToComeAgain()
    {
        await using var test = await RelayUnderTest.StartAsync();
        test.AddSession();
        var viewers = new List<TestViewer>();
        for (int i = 0; i < 10; i++)
        {
            viewers.Add(await test.ViewAsync());
        }

        var stopping = test.Relay.StopAsync();
        var failures = await Task.WhenAll(viewers.Select(viewer => viewer.ReceiveToEndAsync()));
        await stopping.DefaultTimeout();

        Assert.All(failures, failure => Assert.InRange(failure!.RetryAfterMs, 1000, 2000));
        Assert.InRange(failures.Select(failure => failure!.RetryAfterMs).Distinct().Count(), 5, 10);
        viewers.ForEach(viewer => viewer.Dispose());
    }
}
