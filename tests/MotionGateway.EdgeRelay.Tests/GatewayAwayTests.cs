using Microsoft.Extensions.Time.Testing;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>What viewers learn while the gateway is away, and what the relay asks of it meanwhile.</summary>
public sealed class GatewayAwayTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(500);

    [Fact]
    public async Task Gateway_GoesAndComes_EveryViewerIsToldOnce()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        session.Start("t1");
        List<TestViewer> viewers = [];
        for (int i = 0; i < 3; i++)
        {
            viewers.Add(await test.ViewAsync(json: i == 1));
            await viewers[i].ReceiveThroughAsync(1);
        }

        await test.StopGatewayAsync();
        await Task.WhenAll(viewers.Select(viewer => viewer.ReceiveUntilAsync(response => response.GatewayAway is not null)));
        viewers.Add(await test.ViewAsync());
        await viewers[^1].ReceiveUntilAsync(response => response.GatewayAway is not null);
        Assert.Equal("degraded", await test.ReadStatusAsync());
        await test.StartGatewayAsync();
        await Task.WhenAll(viewers.Select(viewer => viewer.ReceiveUntilAsync(response => response.GatewayBack is not null)));
        long last = session.End("t1");
        await Task.WhenAll(viewers.Select(viewer => viewer.ReceiveThroughAsync(last)));

        Assert.Equal("ready", await test.ReadStatusAsync());
        Assert.All(viewers, viewer =>
        {
            viewer.AssertContiguous();
            Assert.InRange(viewer.Received.Single(response => response.GatewayAway is not null).GatewayAway.LimitMs, 1, 60_000);
            Assert.Single(viewer.Received, response => response.GatewayBack is not null);
            viewer.Dispose();
        });
    }

    [Fact]
    public async Task Gateway_ComesBackWithMore_IsToldBeforeWhatIsNew()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        session.Start("t1");
        using var viewer = await test.ViewAsync();
        await viewer.ReceiveThroughAsync(1);
        await test.StopGatewayAsync();
        await viewer.ReceiveUntilAsync(response => response.GatewayAway is not null);

        long last = session.Audio("t1");
        await test.StartGatewayAsync();
        await viewer.ReceiveThroughAsync(last);

        Assert.NotNull(viewer.Received[^2].GatewayBack);
    }

    [Fact]
    public async Task Gateway_Gone_IsToldHalfASecondLater()
    {
        var time = new FakeTimeProvider();
        await using var test = await RelayUnderTest.StartAsync(time: time);
        test.AddSession().Start("t1");
        using var viewer = await test.ViewAsync();
        await viewer.ReceiveThroughAsync(1);

        await test.StopGatewayAsync();
        await RelayUnderTest.UntilAsync(() => CountLost(test) > 0, "the relay had lost its feed");
        time.Advance(Moment);

        await viewer.ReceiveUntilAsync(response => response.GatewayAway is not null);
    }

    [Fact]
    public async Task Gateway_GoesAwayWhileAViewerCatchesUp_CostsTheViewerNothing()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        session.Start("t1");
        session.Audios("t1", 200);
        session.End("t1");
        long last = session.Say("last");
        using var viewer = await test.ViewAsync(start => start.Position = new Position { Epoch = 1 }, acknowledge: false);
        long seen = (await viewer.ReceiveUntilAsync(response => response.Payload?.Audio is not null)).Payload.Sequence;

        await test.StopGatewayAsync();
        await viewer.ReceiveUntilAsync(response => response.GatewayAway is not null);
        await test.StartGatewayAsync();
        while (seen < last)
        {
            await viewer.AcknowledgeAsync(1, viewer.Payloads.Last().Sequence);
            seen = (await viewer.ReceiveUntilAsync(response => response.Payload is not null)).Payload.Sequence;
        }

        Assert.Equal(last, viewer.Payloads.Count());
        viewer.AssertContiguous();
    }

    [Fact]
    public async Task Gateway_Away_IsAskedByOneForAllSessions()
    {
        const int sessions = 50;
        var time = new FakeTimeProvider();
        await using var test = await RelayUnderTest.StartAsync(
            options =>
            {
                options.KeyRefreshInterval = TimeSpan.FromHours(1);
                options.GatewayLossLimit = TimeSpan.FromMinutes(30);
            },
            time);
        List<TestViewer> viewers = [];
        for (int i = 0; i < sessions; i++)
        {
            test.AddSession($"s{i}").Start("t1");
            viewers.Add(await ViewAsync(test, $"s{i}"));
        }

        test.State.IsDown = true;
        await test.State.Drop.CancelAsync();
        await RelayUnderTest.UntilAsync(() => CountLost(test) == sessions, "all feeds were lost");
        await RelayUnderTest.UntilAsync(() => test.Log.Any(entry => entry.Message.Contains("cannot be reached", StringComparison.Ordinal)), "it was known");
        int before = test.State.Calls;
        var began = time.GetUtcNow();
        await time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(100), () => test.State.Calls >= before + 5);

        // One at the beginning may still have been on its way.
        Assert.InRange(test.State.Calls - before, 5, 1 + ((time.GetUtcNow() - began) / Moment));
        Assert.Equal("degraded", await test.ReadStatusAsync());

        (test.State.IsDown, test.State.Drop) = (false, new CancellationTokenSource());
        await time.AdvanceUntilAsync(
            TimeSpan.FromMilliseconds(100), () => test.State.Sessions.Values.All(session => session.Open == 1));
        Assert.All(test.State.Sessions.Values, session => Assert.Equal(2, session.Subscriptions.Count));
        Assert.Equal("ready", await test.ReadStatusAsync());
        viewers.ForEach(viewer => viewer.Dispose());
    }

    [Fact]
    public async Task Session_ThatTheGatewayRefuses_IsTriedWithPausesAndCostsNoOther()
    {
        var time = new FakeTimeProvider();
        await using var test = await RelayUnderTest.StartAsync(time: time);
        var refused = test.AddSession();
        refused.Start("t1");
        using var viewer = await test.ViewAsync();
        await viewer.ReceiveThroughAsync(1);
        refused.Fault = new Failure(ErrorReason.Internal, "Not this one.");
        await test.State.Drop.CancelAsync();
        test.State.Drop = new CancellationTokenSource();
        await RelayUnderTest.UntilAsync(() => CountLost(test) > 0, "the feed was lost");
        var began = time.GetUtcNow();
        var other = test.AddSession("other");
        using var untouched = await ViewAsync(test, "other");
        await time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(50), () => refused.Subscriptions.Count == 6);

        // Half of 100, 200, 400, 800 and 1600 ms at least.
        Assert.InRange(time.GetUtcNow() - began, TimeSpan.FromMilliseconds(1550), TimeSpan.MaxValue);
        Assert.Equal("ready", await test.ReadStatusAsync());
        await untouched.ReceiveThroughAsync(other.Say("here"));
        Assert.DoesNotContain(untouched.Received, response => response.GatewayAway is not null);
        await viewer.ReceiveUntilAsync(response => response.GatewayAway is not null);
    }

    private static int CountLost(RelayUnderTest test) =>
        test.Log.Count(entry => entry.Message.StartsWith("Lost the feed", StringComparison.Ordinal));

    private static async Task<TestViewer> ViewAsync(RelayUnderTest test, string sessionId)
    {
        var viewer = await test.ConnectAsync(sessionId: sessionId);
        await viewer.StartAsync(start => start.ViewerToken = test.Token(sessionId, lifetimeSeconds: 3600));
        await viewer.ReceiveUntilAsync(response => response.Started is not null);
        return viewer;
    }
}
