using Microsoft.Extensions.Logging;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests;

public sealed class GatewayLossTests
{
    [Fact]
    public async Task Gateway_ComesBackDuringATurn_ViewersGetEachPayloadOnce()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        session.Start("t1");
        session.Audios("t1", 20);
        using var viewer = await test.ViewAsync();
        await viewer.ReceiveThroughAsync(10);

        await test.StopGatewayAsync();
        session.Audios("t1", 20);
        await test.StartGatewayAsync();
        long last = session.End("t1");
        await viewer.ReceiveThroughAsync(last);

        Assert.Equal(last, viewer.Payloads.Count());
        viewer.AssertContiguous();
        Assert.Equal(StartFeed.FromOneofCase.Position, session.Subscriptions.Last().FromCase);
        Assert.Single(session.Subscriptions.Select(start => start.ReaderId).Distinct());
    }

    [Fact]
    public async Task Gateway_ComesBackWithANewEpoch_ViewersAreToldAndCanStartAnew()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        session.Start("t1");
        using var viewer = await test.ViewAsync();
        await viewer.ReceiveThroughAsync(1);

        await test.StopGatewayAsync();
        var next = test.AddSession(epoch: 2);
        next.Say("new owner");
        await test.StartGatewayAsync();
        var failure = await viewer.ReceiveToEndAsync();
        using var again = await test.ViewAsync(start => start.Position = new Position { Epoch = 2, Sequence = 0 });
        await again.ReceiveThroughAsync(1);

        Assert.Equal(ErrorReason.EpochChanged, failure?.Reason);
        Assert.Equal(2u, failure?.Epoch);
        Assert.Equal(2u, again.Payloads.Single().Epoch);
    }

    [Fact]
    public async Task Viewer_ComesAgainWhileItsOldFeedIsBeingGivenUp_GetsANewOne()
    {
        using var gate = new FeedEndGate();
        await using var test = await RelayUnderTest.StartAsync(extend: builder => builder.Logging.AddProvider(gate));
        test.AddSession().Start("t1");
        using var viewer = await test.ViewAsync();
        await viewer.ReceiveThroughAsync(1);

        gate.Close();
        await test.StopGatewayAsync();
        test.AddSession(epoch: 2).Start("t2");
        await test.StartGatewayAsync();
        var failure = await viewer.ReceiveToEndAsync();
        using var again = await test.ViewAsync();
        await again.ReceiveThroughAsync(1);
        gate.Open();

        Assert.Equal(ErrorReason.EpochChanged, failure?.Reason);
        Assert.Equal(2u, again.Started.Position.Epoch);
    }

    [Fact]
    public async Task Gateway_ComesBackWithoutTheSession_ViewersAreTold()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        session.Start("t1");
        using var viewer = await test.ViewAsync();
        await viewer.ReceiveThroughAsync(1);

        await test.StopGatewayAsync();
        test.State.Sessions.Clear();
        await test.StartGatewayAsync();

        Assert.Equal(ErrorReason.SessionNotFound, (await viewer.ReceiveToEndAsync())?.Reason);
    }

    [Fact]
    public async Task Gateway_StaysAway_ViewersAreToldToTryAgain()
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.GatewayLossLimit = TimeSpan.FromMilliseconds(200));
        var session = test.AddSession();
        session.Start("t1");
        using var viewer = await test.ViewAsync();
        await viewer.ReceiveThroughAsync(1);

        await test.StopGatewayAsync();
        var failure = await viewer.ReceiveToEndAsync();
        using var late = await test.ViewAsync();
        var refused = await late.ReceiveToEndAsync();

        Assert.Equal(ErrorReason.GatewayUnavailable, failure?.Reason);
        Assert.Equal(ErrorReason.GatewayUnavailable, refused?.Reason);
        Assert.True(refused?.Retryable);
        Assert.Equal(4563, late.CloseCode);
    }

    [Fact]
    public async Task Gateway_SignsWithANewKey_TheRelayFetchesIt()
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.KeyRefreshInterval = TimeSpan.FromHours(1));
        var session = test.AddSession();
        session.Start("t1");
        string old = test.Token();
        int requests = test.State.KeyRequests;
        test.State.Signer = ViewerTokenSigner.CreateInMemory(TimeProvider.System);

        using var viewer = await test.ViewAsync();
        await viewer.ReceiveThroughAsync(1);
        using var outdated = await test.ViewAsync(start => start.ViewerToken = old);

        Assert.Equal(ErrorReason.ViewerTokenInvalid, (await outdated.ReceiveToEndAsync())?.Reason);
        Assert.Equal(requests + 2, test.State.KeyRequests);
    }

    // The token may be good: to refuse it for good would lock the viewer out.
    [Fact]
    public async Task Gateway_WithANewKeyCannotBeAsked_ViewerIsToldToTryAgain()
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.KeyRefreshInterval = TimeSpan.FromHours(1));
        test.AddSession();
        test.State.Signer = ViewerTokenSigner.CreateInMemory(TimeProvider.System);
        await test.StopGatewayAsync();
        using var viewer = await test.ViewAsync();

        var failure = await viewer.ReceiveToEndAsync();

        Assert.Equal(ErrorReason.GatewayUnavailable, failure?.Reason);
        Assert.Equal(4563, viewer.CloseCode);
    }

    [Fact]
    public async Task Gateway_AcceptsEachFeedAndBreaksIt_ViewersAreToldAfterTheLimit()
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.GatewayLossLimit = TimeSpan.FromMilliseconds(500));
        var session = test.AddSession();
        session.Start("t1");
        using var viewer = await test.ViewAsync();
        await viewer.ReceiveThroughAsync(1);

        test.State.BreaksFeeds = true;
        await test.State.Drop.CancelAsync();
        var failure = await viewer.ReceiveToEndAsync();

        Assert.Equal(ErrorReason.GatewayUnavailable, failure?.Reason);
        Assert.InRange(session.Subscriptions.Count, 2, 10);
        Assert.DoesNotContain(viewer.Received, response => response.GatewayBack is not null);
    }
}
