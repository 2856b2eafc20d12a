using System.Net;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests.EventStream;

public sealed class EventStreamTests
{
    [Fact]
    public async Task Events_OfASession_HaveTheirPositionsAsIdsAndResponsesAsData()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession(epoch: 3);
        session.Start("t1");
        session.Audios("t1", 2);
        using var events = await ConnectAsync(test);

        var started = (await events.ReceiveAsync())!;
        List<ServerEvent> payloads = [await Next(), await Next(), await Next()];

        Assert.Equal((HttpStatusCode.OK, "text/event-stream"), (events.Status, events.ContentType));
        Assert.Equal(16000, started.Response.Started.SampleRate);
        Assert.Equal(["3-1", "3-2", "3-3"], payloads.Select(received => received.LastId));
        Assert.Equal([1, 2, 3], payloads.Select(received => received.Response.Payload.Sequence));
        Assert.All(payloads, received => Assert.Equal("message", received.Type));

        async Task<ServerEvent> Next() => (await events.ReceiveAsync())!;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Reconnect_WithTheLastId_GoesOnBehindIt(bool byHeader)
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        session.Start("t1");
        session.Audios("t1", 5);
        string lastId;
        using (var first = await ConnectAsync(test))
        {
            lastId = (await first.ReceiveUntilAsync(received => received.LastId == "1-3")).LastId;
        }

        session.Audios("t1", 2);
        using var second = byHeader
            ? await ConnectAsync(test, lastId: lastId)
            : await EventStreamClient.ConnectAsync($"{Address(test)}?last_event_id={lastId}", test.Token());
        var started = (await second.ReceiveAsync())!;
        var next = (await second.ReceiveAsync())!;

        Assert.Equal(3, started.Response.Started.Position.Sequence);
        Assert.Equal("1-4", next.LastId);
        await second.ReceiveUntilAsync(received => received.LastId == "1-8");
    }

    [Fact]
    public async Task Reconnect_BeforeAnyPayloadCame_MissesNothing()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession(after: 10);
        string lastId;
        using (var first = await ConnectAsync(test))
        {
            lastId = (await first.ReceiveAsync())!.LastId;
        }

        session.Start("t1");
        session.Audio("t1");
        session.End("t1");
        using var second = await ConnectAsync(test, lastId: lastId);

        var received = await second.ReceiveUntilAsync(received => received.Response.Payload is not null);
        Assert.Equal("1-11", received.LastId);
    }

    [Fact]
    public async Task Media_MoreThanAWindow_ComesWithoutAnAcknowledgement()
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.WindowBytes = 4096);
        var session = test.AddSession();
        session.Start("t1");
        session.Audios("t1", 20);
        using var events = await ConnectAsync(test);

        Assert.NotNull(await events.ReceiveUntilAsync(received => received.LastId == "1-21"));
    }

    [Fact]
    public async Task SessionEnds_IsToldByAnEventAfterWhichComingBackIsAnsweredByNothing()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        session.Say("hello");
        using var events = await ConnectAsync(test);
        await events.ReceiveUntilAsync(received => received.LastId == "1-1");
        session.Close();

        var rest = await events.ReceiveToEndAsync();
        using var back = await ConnectAsync(test, lastId: events.LastId);

        Assert.NotNull(rest[0].Response.Payload.SessionEnded);
        Assert.Equal("end", rest[^1].Type);
        Assert.Equal(HttpStatusCode.NoContent, back.Status);
    }

    [Fact]
    public async Task Position_ThatTheLogNoLongerHas_IsToldAndForgotten()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession(epoch: 2);
        session.Say("hello");
        using var events = await ConnectAsync(test, lastId: "1-40");

        var told = await events.ReceiveToEndAsync();
        using var back = await ConnectAsync(test, lastId: events.LastId.Length > 0 ? events.LastId : null);

        Assert.Equal(ErrorReason.EpochChanged, Assert.Single(told).Response.Failure.Reason);
        Assert.Equal("", events.LastId);
        Assert.NotNull((await back.ReceiveAsync())!.Response.Started);
    }

    [Fact]
    public async Task Shutdown_IsToldAndTheViewerComesBackByItself()
    {
        await using var test = await RelayUnderTest.StartAsync();
        test.AddSession().Say("hello");
        using var events = await ConnectAsync(test);
        await events.ReceiveUntilAsync(received => received.LastId == "1-1");
        var stopping = test.Relay.StopAsync();

        var rest = await events.ReceiveToEndAsync();
        await stopping.DefaultTimeout();

        Assert.Contains(rest, received => received.Response.GoingAway is not null);
        var failure = rest[^1].Response.Failure;
        Assert.Equal(ErrorReason.ShuttingDown, failure.Reason);
        Assert.Equal(failure.RetryAfterMs, events.RetryMs);
        Assert.Equal("1-1", events.LastId);
    }

    [Fact]
    public async Task SilentSession_SendsCommentsAndKeepsAViewerThatSaysNothing()
    {
        var time = new FakeTimeProvider();
        await using var test = await RelayUnderTest.StartAsync(
            options => (options.PeerTimeout, options.GatewayLossLimit) = (TimeSpan.FromSeconds(45), TimeSpan.FromHours(1)), time);
        var session = test.AddSession();
        using var events = await ConnectAsync(test);
        await events.ReceiveAsync();
        var next = ReceivePayloadAsync();

        await time.AdvanceUntilAsync(TimeSpan.FromSeconds(5), () => events.Comments >= 10);
        session.Say("still here");
        await time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(100), () => next.IsCompleted);

        Assert.Equal("still here", (await next).ViewerMessage.Text);

        // The gateway is as silent as the viewer: the relay may lose it meanwhile, tells so, and pauses before it tries again.
        async Task<Payload> ReceivePayloadAsync()
        {
            while (true)
            {
                if ((await events.ReceiveAsync())!.Response.Payload is { } payload)
                {
                    return payload;
                }
            }
        }
    }

    [Fact]
    public async Task Token_ThatDoesNotOpenTheSession_IsAnsweredAlike()
    {
        await using var test = await RelayUnderTest.StartAsync();
        test.AddSession();
        test.AddSession("session-2");
        HashSet<string> answers = [];
        foreach (string? token in new[] { null, "nonsense", test.Token("session-2"), test.Token()[..^6] + "AAAAAA" })
        {
            using var events = await EventStreamClient.ConnectAsync(Address(test), token);
            answers.Add($"{events.Status} {await events.ReadBodyAsync()}");
        }

        string answer = Assert.Single(answers);
        Assert.StartsWith("Unauthorized", answer, StringComparison.Ordinal);
        Assert.Contains("VIEWER_TOKEN_INVALID", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?start=tomorrow", null, "start")]
    [InlineData("", "x", "last_event_id")]
    [InlineData("", "1--2", "last_event_id")]
    public async Task Request_NotValid_IsRefusedWithTheField(string query, string? lastId, string field)
    {
        await using var test = await RelayUnderTest.StartAsync();
        test.AddSession();
        using var events = await EventStreamClient.ConnectAsync(Address(test) + query, test.Token(), lastId);

        Assert.Equal(HttpStatusCode.BadRequest, events.Status);
        Assert.Contains($"\"field\":\"{field}\"", await events.ReadBodyAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_Live_BeginsWithTheNextTurn()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        session.Start("t1");
        session.Audio("t1");
        using var events = await EventStreamClient.ConnectAsync($"{Address(test)}?start=live", test.Token());
        await events.ReceiveAsync();
        session.Audios("t1", 2);
        session.End("t1");
        session.Start("t2");

        var skipped = (await events.ReceiveAsync())!;
        var first = await events.ReceiveUntilAsync(received => received.Response.Payload is not null);

        Assert.True(skipped.Response.Skipped.Range.Through > skipped.Response.Skipped.Range.From);
        Assert.Equal($"1-{skipped.Response.Skipped.Range.Through}", skipped.LastId);
        Assert.Equal("t2", first.Response.Payload.TurnId);
    }

    // A browser takes a refusal by status for the last word.
    [Fact]
    public async Task Relay_FullWhenAViewerComes_AsksItToComeAgain()
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.MaxViewers = 1);
        test.AddSession();
        using var first = await ConnectAsync(test);
        await first.ReceiveAsync();
        using var second = await ConnectAsync(test);

        Assert.Equal(HttpStatusCode.OK, second.Status);
        Assert.Empty(await second.ReceiveToEndAsync());
        Assert.InRange(second.RetryMs!.Value, 30_000, 60_000);
    }

    [Theory]
    [InlineData("https://app.example", HttpStatusCode.OK)]
    [InlineData("https://elsewhere.example", HttpStatusCode.Forbidden)]
    public async Task Origin_IsLetInWhereItIsAllowed(string origin, HttpStatusCode status)
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.AllowedOrigins.Add("https://app.example"));
        test.AddSession();
        using var events = await EventStreamClient.ConnectAsync(Address(test), test.Token(), origin: origin);

        Assert.Equal(status, events.Status);
        Assert.Equal(status == HttpStatusCode.OK ? origin : null, events.AllowedOrigin);
    }

    private static string Address(RelayUnderTest test) => $"{test.Address}/v1/sessions/session-1/events";

    private static Task<EventStreamClient> ConnectAsync(RelayUnderTest test, string? lastId = null) =>
        EventStreamClient.ConnectAsync(Address(test), test.Token(), lastId);
}
