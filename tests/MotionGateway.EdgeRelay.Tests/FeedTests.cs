using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests;

public sealed class FeedTests
{
    [Fact]
    public async Task Start_ByDefault_SendsTheCurrentTurnFromItsStart()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        session.Start("t1");
        session.Audio("t1");
        session.End("t1");
        long second = session.Start("t2");
        session.Audio("t2");

        using var viewer = await test.ViewAsync();
        session.Audio("t2");
        long last = session.End("t2");
        await viewer.ReceiveThroughAsync(last);

        Assert.Equal(second - 1, viewer.Started.Position.Sequence);
        Assert.Equal("avatar", viewer.Started.AvatarId);
        Assert.Equal("app", viewer.Started.AppId);
        Assert.Equal(16000, viewer.Started.SampleRate);
        Assert.Equal(4, viewer.Payloads.Count());
        viewer.AssertContiguous();
    }

    [Fact]
    public async Task Start_SeveralViewers_ShareOneSubscriptionAndGetTheSameBytes()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        session.Start("t1");
        var viewers = new List<TestViewer>();
        for (int i = 0; i < 5; i++)
        {
            int number = i;
            viewers.Add(await test.ViewAsync(start => start.ViewerToken = test.Token(viewerId: $"viewer-{number}")));
            session.Audios("t1", 10);
        }

        long last = session.End("t1");
        foreach (var viewer in viewers)
        {
            await viewer.ReceiveThroughAsync(last);
            viewer.AssertContiguous();
            Assert.Equal(viewers[0].Payloads, viewer.Payloads);
            viewer.Dispose();
        }

        Assert.Single(session.Subscriptions);
    }

    [Fact]
    public async Task Start_AtAPosition_SendsWhatComesAfterItOnce()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        session.Start("t1");
        session.Audios("t1", 30);
        using (var first = await test.ViewAsync())
        {
            await first.ReceiveThroughAsync(15);
        }

        using var second = await test.ViewAsync(start => start.Position = new Position { Epoch = 1, Sequence = 15 });
        long last = session.End("t1");
        await second.ReceiveThroughAsync(last);

        Assert.Equal(15, second.Started.Position.Sequence);
        Assert.Equal(16, second.Payloads.First().Sequence);
        second.AssertContiguous();
    }

    [Fact]
    public async Task Start_Live_DeclaresTheRestOfTheTurnAndSendsTheNext()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        session.Start("t1");
        session.Audios("t1", 5);

        using var viewer = await test.ViewAsync(start => start.Start = FeedStart.Live);
        session.Audios("t1", 5);
        session.End("t1");
        session.Start("t2");
        long last = session.Audio("t2");
        await viewer.ReceiveThroughAsync(last);

        Assert.All(viewer.Payloads, payload => Assert.NotEqual("t1", payload.TurnId));
        Assert.Equal(SkipReason.BeforeStart, viewer.Received.Single(response => response.Skipped is not null).Skipped.Reason);
        viewer.AssertContiguous();
    }

    [Fact]
    public async Task Start_InJson_SendsWhatTheBinaryFeedSends()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        session.Start("t1");
        session.Audios("t1", 5);
        using var binary = await test.ViewAsync(start => start.ReaderId = "a");
        using var json = await test.ViewAsync(start => start.ReaderId = "b", json: true);
        session.Say("ein Gruß ✓");
        long last = session.End("t1");
        await binary.ReceiveThroughAsync(last);
        await json.ReceiveThroughAsync(last);

        Assert.Equal(binary.Payloads, json.Payloads);
        Assert.Equal((byte)'{', json.Raw[0][0]);
        json.AssertContiguous();
    }

    [Fact]
    public async Task Feed_SessionEnds_ClosesNormally()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        using var viewer = await test.ViewAsync();
        session.Say("hello");
        session.Close();

        Assert.Null(await viewer.ReceiveToEndAsync());
        Assert.Equal(1000, viewer.CloseCode);
        Assert.Equal(Payload.ContentOneofCase.SessionEnded, viewer.Payloads.Last().ContentCase);
    }

    [Fact]
    public async Task Start_SessionHasEnded_IsToldSoAndMayReadWhatIsThere()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        session.Say("hello");
        session.Close();

        using var late = await test.ViewAsync();
        var failure = await late.ReceiveToEndAsync();
        using var resuming = await test.ViewAsync(start => start.Position = new Position { Epoch = 1, Sequence = 1 });

        // What has ended is told as ended, not refused.
        Assert.Null(failure);
        Assert.NotNull(late.Payloads.Single().SessionEnded);
        Assert.Equal(1000, late.CloseCode);
        Assert.Null(await resuming.ReceiveToEndAsync());
        Assert.Equal(2, resuming.Payloads.Single().Sequence);
        Assert.Equal(1000, resuming.CloseCode);
    }

    [Fact]
    public async Task Feed_LastViewerLeft_EndsAfterTheLinger()
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.FeedLinger = TimeSpan.Zero);
        var session = test.AddSession();
        using (var viewer = await test.ViewAsync())
        {
            Assert.Equal(1, test.FeedCount);
            await viewer.CloseAsync();
        }

        await RelayUnderTest.UntilAsync(() => test.FeedCount == 0 && test.ViewerCount == 0, "feed and viewer were gone");
        await RelayUnderTest.UntilAsync(() => session.Open == 0, "the subscription was gone");
        Assert.Equal(0, session.Log.ReaderCount);
    }
}
