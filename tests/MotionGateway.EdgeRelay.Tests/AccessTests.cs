using System.Diagnostics.Metrics;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
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
            ["expired"] = new() { ViewerToken = test.Token(lifetimeSeconds: -60) },
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
    public async Task ViewerEvent_NotPermitted_EndsTheFeed(ViewerPermissions permissions, bool interrupt)
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        using var viewer = await test.ViewAsync(start => start.ViewerToken = test.Token(permissions: permissions));
        await viewer.SendAsync(new SubscribeRequest
        {
            ViewerEvent = interrupt ? new ViewerEvent { Interrupt = new ViewerInterrupt() } : new ViewerEvent { Text = "hello" },
        });

        Assert.Equal(ErrorReason.NotPermitted, (await viewer.ReceiveToEndAsync())?.Reason);
        Assert.Equal(4025, viewer.CloseCode);
        Assert.Empty(session.Events);
    }

    [Fact]
    public async Task ViewerEvents_MoreThanTheRate_AreDroppedAndCounted()
    {
        var time = new ManualTimeProvider();
        await using var test = await RelayUnderTest.StartAsync(options => options.ViewerEventsPerSecond = 1, time);
        var session = test.AddSession();
        long dropped = 0;
        using var listener = ListenToDroppedEvents(test, () => Interlocked.Increment(ref dropped));
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

    private static MeterListener ListenToDroppedEvents(RelayUnderTest test, Action onDropped)
    {
        var factory = test.Relay.Services.GetRequiredService<IMeterFactory>();
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Scope == factory && instrument.Name == "motiongateway.relay.dropped_events")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => onDropped());
        listener.Start();
        return listener;
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
