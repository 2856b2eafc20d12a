using System.Net;
using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests;

public sealed class AccessTests
{
    [Fact]
    public async Task Start_WithoutARightToTheSession_IsAnsweredAlikeWhateverTheCause()
    {
        await using var test = await RelayUnderTest.StartAsync();
        test.AddSession();
        test.AddSession("session-2");
        using var stranger = ViewerTokenSigner.CreateInMemory(TimeProvider.System);
        string good = test.Token();
        var starts = new Dictionary<string, StartFeed>
        {
            ["missing"] = new(),
            ["no token"] = new() { ViewerToken = "nonsense" },
            ["of another session"] = new() { ViewerToken = test.Token("session-2") },
            ["of another signer"] = new() { ViewerToken = stranger.Issue("session-1", "viewer", default, TimeSpan.FromMinutes(1)).Token },
            ["changed"] = new() { ViewerToken = good[..^6] + "AAAAAA" },
            ["unsigned"] = new() { ViewerToken = "eyJhbGciOiJub25lIn0." + good.Split('.')[1] + "." },
            ["for another path"] = new() { ViewerToken = test.Token("session-2"), SessionId = "session-2" },
            ["start names another session"] = new() { ViewerToken = good, SessionId = "session-2" },
        };

        var answers = new HashSet<string>();
        foreach (var start in starts.Values)
        {
            answers.Add(await AnswerAsync(test, start, "session-1"));
        }

        answers.Add(await AnswerAsync(test, new StartFeed { ViewerToken = good }, "session-9"));
        answers.Add(await AnswerAsync(test, new StartFeed { ViewerToken = test.Token("session-9") }, "session-9"));

        Assert.Single(answers);
        Assert.Contains("4024", answers.Single(), StringComparison.Ordinal);
        Assert.DoesNotContain(test.Log, entry => entry.Message.Contains(good[^20..], StringComparison.Ordinal));
    }

    [Fact]
    public async Task ViewerEvent_Permitted_ReachesTheGatewayWithTheViewersName()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        session.Start("t1");
        using var viewer = await test.ViewAsync(
            start => start.ViewerToken = test.Token(viewerId: "ann", permissions: ViewerPermissions.Interrupt | ViewerPermissions.Talk));
        await viewer.ReceiveThroughAsync(1);

        ViewerEvent[] events =
        [
            new() { Text = "hello", ViewerId = "forged", LostBefore = 7 },
            new() { Playback = new PlaybackReport { TurnId = "t1", PlayedSamples = 5, State = PlaybackState.Playing } },
            new() { MicrophoneAudio = new MicrophoneAudio { SampleRate = 16000, Data = ByteString.CopyFrom(1, 2) } },
            new() { Interrupt = new ViewerInterrupt { Reason = "stop" } },
        ];
        foreach (var viewerEvent in events)
        {
            await viewer.SendAsync(new SubscribeRequest { ViewerEvent = viewerEvent });
        }

        await RelayUnderTest.UntilAsync(() => session.Events.Count == 4, "all events had come");
        Assert.All(session.Events, viewerEvent => Assert.Equal("ann", viewerEvent.ViewerId));
        Assert.All(session.Events, viewerEvent => Assert.Equal(0, viewerEvent.LostBefore));
        Assert.Equal(events.Length, session.Events.Select(viewerEvent => viewerEvent.EventCase).Distinct().Count());
    }

    [Theory]
    [InlineData(ViewerPermissions.Interrupt, false)]
    [InlineData(ViewerPermissions.Talk, true)]
    [InlineData(ViewerPermissions.None, true)]
    public async Task ViewerEvent_NotPermitted_IsRefusedAndTheFeedGoesOn(ViewerPermissions permissions, bool interrupt)
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        using var viewer = await test.ViewAsync(start => start.ViewerToken = test.Token(permissions: permissions));
        await viewer.SendAsync(new SubscribeRequest
        {
            ViewerEvent = interrupt ? new ViewerEvent { Interrupt = new ViewerInterrupt() } : new ViewerEvent { Text = "hello" },
        });

        var refused = (await viewer.ReceiveUntilAsync(response => response.Refused is not null)).Refused;
        session.Start("t1");
        await viewer.ReceiveThroughAsync(1);

        Assert.Equal(ErrorReason.NotPermitted, refused.Reason);
        Assert.Equal(interrupt ? "viewer_event.interrupt" : "viewer_event.text", refused.Field);
        Assert.Equal(2, refused.Request);
        Assert.Empty(session.Events);
    }

    [Fact]
    public async Task ViewerEvents_MoreThanTheRate_AreDroppedAndCounted()
    {
        var time = new FakeTimeProvider();
        await using var test = await RelayUnderTest.StartAsync(options => options.ViewerEventsPerSecond = 1, time);
        var session = test.AddSession();
        long dropped = 0;
        using var listener = test.Listen("motiongateway.relay.dropped_events", _ => Interlocked.Increment(ref dropped));
        using var viewer = await test.ViewAsync(start => start.ViewerToken = test.Token(permissions: ViewerPermissions.Talk));
        for (int i = 0; i < 20; i++)
        {
            await viewer.SendAsync(new SubscribeRequest { ViewerEvent = new ViewerEvent { Text = $"{i}" } });
        }

        // Twice the rate passes at once.
        await RelayUnderTest.UntilAsync(() => Volatile.Read(ref dropped) == 18, "the others were dropped");
        time.Advance(TimeSpan.FromSeconds(1));
        await viewer.SendAsync(new SubscribeRequest { ViewerEvent = new ViewerEvent { Text = "20" } });
        await RelayUnderTest.UntilAsync(() => session.Events.Count == 3, "an event passed again");

        Assert.Equal(["0", "1", "20"], session.Events.Select(viewerEvent => viewerEvent.Text));
        Assert.Equal([0, 0, 18], session.Events.Select(viewerEvent => viewerEvent.LostBefore));
    }

    [Fact]
    public async Task ViewerEvents_OfOneViewerOnSeveralFeedsAndPosted_HaveItsRateTogether()
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.ViewerEventsPerSecond = 1, new FakeTimeProvider());
        var session = test.AddSession();
        string token = test.Token(permissions: ViewerPermissions.Talk);
        var text = new SubscribeRequest { ViewerEvent = new ViewerEvent { Text = "x" } };
        for (int i = 0; i < 3; i++)
        {
            using var viewer = await test.ViewAsync(start => (start.ViewerToken, start.ReaderId) = (token, $"tab-{i}"));
            await viewer.SendAsync(text);
            await viewer.SendAsync(text);
            if (i > 0)
            {
                Assert.Equal(ErrorReason.ReaderLimit, (await viewer.ReceiveUntilAsync(response => response.Refused is not null)).Refused.Reason);
            }
            else
            {
                await RelayUnderTest.UntilAsync(() => session.Events.Count == 2, "twice the rate had passed");
            }
        }

        using var http = new HttpClient();
        using var content = new StringContent("""{"text": "x"}""");
        using var posted = await http.PostAsync(new Uri($"{test.Address}/v1/sessions/session-1/viewer-events?ticket={token}"), content).DefaultTimeout();
        using var other = await test.ViewAsync(start => start.ViewerToken = test.Token(viewerId: "ben", permissions: ViewerPermissions.Talk));
        await other.SendAsync(text);
        await RelayUnderTest.UntilAsync(() => session.Events.Count == 3, "another viewer's text had passed");

        Assert.Equal(HttpStatusCode.TooManyRequests, posted.StatusCode);
        Assert.Equal("ben", session.Events.Last().ViewerId);
    }

    // A browser's microphone comes in 375 pieces of 128 samples a second.
    [Fact]
    public async Task Interrupt_WhileSpeechAndTextsExceedTheirRate_ReachesTheGateway()
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.ViewerEventsPerSecond = 1, new FakeTimeProvider());
        var session = test.AddSession();
        using var viewer = await test.ViewAsync(
            start => start.ViewerToken = test.Token(permissions: ViewerPermissions.Talk | ViewerPermissions.Interrupt));
        for (int i = 0; i < 375; i++)
        {
            await viewer.SendAsync(new SubscribeRequest
            {
                ViewerEvent = new ViewerEvent { MicrophoneAudio = new MicrophoneAudio { SampleRate = 48000, Data = ByteString.CopyFrom(new byte[256]) } },
            });
            if (i % 75 == 0)
            {
                await viewer.SendAsync(new SubscribeRequest { ViewerEvent = new ViewerEvent { Text = $"{i}" } });
            }
        }

        await viewer.SendAsync(new SubscribeRequest { ViewerEvent = new ViewerEvent { Interrupt = new ViewerInterrupt() } });
        var refused = (await viewer.ReceiveUntilAsync(response => response.Refused is not null)).Refused;
        await RelayUnderTest.UntilAsync(() => session.Events.Count == 375 + 2 + 1, "all but the texts beyond the rate had come");

        Assert.Equal((ErrorReason.ReaderLimit, "viewer_event.text"), (refused.Reason, refused.Field));
        Assert.Single(session.Events, viewerEvent => viewerEvent.EventCase == ViewerEvent.EventOneofCase.Interrupt);
        Assert.Equal(3, session.Events.Sum(viewerEvent => viewerEvent.LostBefore));
    }

    private static async Task<string> AnswerAsync(RelayUnderTest test, StartFeed start, string sessionId)
    {
        using var viewer = await test.ConnectAsync(sessionId: sessionId);
        await viewer.SendAsync(new SubscribeRequest { Start = start });
        var failure = await viewer.ReceiveToEndAsync();
        Assert.NotNull(failure);
        failure.Time = null;
        return $"{failure} {viewer.CloseCode} {viewer.CloseText} {viewer.Received.Count}";
    }
}
