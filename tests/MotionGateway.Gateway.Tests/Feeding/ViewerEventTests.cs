using Google.Protobuf;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>What viewers send to the speaker, and what is told of what was lost or refused.</summary>
public sealed class ViewerEventTests : IAsyncLifetime
{
    private GatewayUnderTest _gateway = null!;
    private Speaker _speaker = null!;
    private FeedReader _service = null!;

    private string SessionId => _speaker.SessionId;

    public async Task InitializeAsync()
    {
        _gateway = await GatewayUnderTest.StartAsync(options => options.WriteTimeout = TimeSpan.FromMinutes(5));
        _speaker = await Speaker.OpenAsync(_gateway.Speech);
        _service = await FeedReader.OpenAsync(_gateway.Feed, SessionId);
    }

    public async Task DisposeAsync()
    {
        _service.Dispose();
        _speaker.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task AViewersEvents_ReachTheSpeakerUnderTheViewersName()
    {
        var created = await _gateway.Sessions.CreateViewerTokenAsync(new CreateViewerTokenRequest
        {
            SessionId = SessionId,
            ViewerId = "alice@example.com",
            MayTalk = true,
            MayInterrupt = true,
        });
        using var viewer = await FeedReader.OpenAsync(_gateway.Feed, SessionId, start => start.ViewerToken = created.ViewerToken);
        ViewerEvent[] events =
        [
            new() { Text = "hello" },
            new() { MicrophoneAudio = new MicrophoneAudio { SampleRate = 16000, Data = ByteString.CopyFrom(1, 2) } },
            new() { Playback = new PlaybackReport { TurnId = "none", State = PlaybackState.Buffering } },
            new() { Interrupt = new ViewerInterrupt { Reason = "tap" } },
        ];

        foreach (var viewerEvent in events)
        {
            var forged = viewerEvent.Clone();
            (forged.ViewerId, forged.LostBefore) = ("mallory", 99);
            await viewer.SendAsync(forged);
        }

        foreach (var sent in events)
        {
            var told = (await _speaker.WaitForAsync(response => response.ViewerEvent is not null)).ViewerEvent;
            sent.ViewerId = "alice@example.com";
            Assert.Equal(sent, told);
        }
    }

    [Theory]
    [InlineData(false, false, new long[] { 2, 3, 4, 5 })]
    [InlineData(true, false, new long[] { 2, 3, 5 })]
    [InlineData(false, true, new long[] { 4 })]
    [InlineData(true, true, new long[0])]
    public async Task MayInterruptAndMayTalk_OfAToken_PermitWhatTheySay(bool mayInterrupt, bool mayTalk, long[] refused)
    {
        var created = await _gateway.Sessions.CreateViewerTokenAsync(
            new CreateViewerTokenRequest { SessionId = SessionId, MayInterrupt = mayInterrupt, MayTalk = mayTalk });
        using var viewer = await FeedReader.OpenAsync(_gateway.Feed, SessionId, start => start.ViewerToken = created.ViewerToken);
        await viewer.SendAsync(new ViewerEvent { Text = "hello" });
        await viewer.SendAsync(new ViewerEvent { MicrophoneAudio = new MicrophoneAudio { SampleRate = 16000, Data = ByteString.CopyFrom(1, 2) } });
        await viewer.SendAsync(new ViewerEvent { Interrupt = new ViewerInterrupt() });
        await viewer.SendAsync(new ViewerEvent { Playback = new PlaybackReport { TurnId = "none", State = PlaybackState.Playing } });

        // What is empty is refused: it stands behind the others.
        await viewer.SendAsync(new SubscribeRequest());
        await viewer.WaitForAsync(response => response.Refused?.Request == 6);

        Assert.Equal(
            refused, viewer.Received.Where(response => response.Refused?.Reason == ErrorReason.NotPermitted).Select(response => response.Refused.Request));
    }

    [Fact]
    public async Task AServicesEvents_KeepTheNamesAndCountsThatItGives()
    {
        await _service.SendAsync(new ViewerEvent { ViewerId = "bob", Text = "hi", LostBefore = 7 });

        var told = (await _speaker.WaitForAsync(response => response.ViewerEvent is not null)).ViewerEvent;

        Assert.Equal(("bob", "hi", 7L), (told.ViewerId, told.Text, told.LostBefore));
    }

    [Fact]
    public async Task LostBefore_WhileNoSpeakerIsThere_AddsUp()
    {
        _speaker.Dispose();
        await StateAsync(SessionState.Detached);
        for (int i = 0; i < 5; i++)
        {
            await _service.SendAsync(new ViewerEvent { Text = $"unheard {i}", LostBefore = 10 });
        }

        // What is asked for is answered in its order: the events have been taken.
        await _service.SendAsync(new SubscribeRequest());
        await _service.WaitForAsync(response => response.Refused is not null);
        using var speaker = await _speaker.ResumeAsync(_gateway.Speech);
        await _service.SendAsync(new ViewerEvent { Text = "heard", LostBefore = 100 });
        await _service.SendAsync(new ViewerEvent { Text = "and on" });

        var first = (await speaker.WaitForAsync(response => response.ViewerEvent is not null)).ViewerEvent;
        var second = (await speaker.WaitForAsync(response => response.ViewerEvent is not null)).ViewerEvent;

        Assert.Equal(("heard", 155L), (first.Text, first.LostBefore));
        Assert.Equal(("and on", 0L), (second.Text, second.LostBefore));
    }

    [Fact]
    public async Task MaxViewerEvents_ForASpeakerThatDoesNotRead_TheOldestGoAndAreCounted()
    {
        const int count = 600;
        for (int i = 0; i < count; i++)
        {
            await _service.SendAsync(new ViewerEvent { Text = $"{i} {new string('x', 16_000)}" });
        }

        // What is asked for is answered in its order: the events have been taken.
        await _service.SendAsync(new SubscribeRequest());
        await _service.WaitForAsync(response => response.Refused is not null);
        var told = new List<ViewerEvent>();
        long counted = 0;
        while (counted < count)
        {
            told.Add((await _speaker.WaitForAsync(response => response.ViewerEvent is not null)).ViewerEvent);
            counted += 1 + told[^1].LostBefore;

            // As many before it were lost as it says.
            Assert.StartsWith($"{counted - 1} ", told[^1].Text, StringComparison.Ordinal);
        }

        Assert.Equal(count, counted);
        Assert.InRange(told.Count, _speaker.Opened.Limits.MaxViewerEvents, count - 1);
    }

    [Theory]
    [InlineData(16_384, true)]
    [InlineData(16_385, false)]
    public async Task MaxTextBytes_OfAText_IsTheBound(int bytes, bool isTaken) =>
        await AssertAsync(new ViewerEvent { Text = new('t', bytes) }, isTaken, "viewer_event.text");

    [Theory]
    [InlineData(65_536, 16_000, true, "")]
    [InlineData(65_537, 16_000, false, "viewer_event.microphone_audio.data")]
    [InlineData(2, 44_000, false, "viewer_event.microphone_audio.sample_rate")]
    public async Task MaxMicrophoneBytes_OfAPieceOfSpeech_IsTheBound(int bytes, int rate, bool isTaken, string field) => await AssertAsync(
        new ViewerEvent { MicrophoneAudio = new MicrophoneAudio { SampleRate = rate, Data = ByteString.CopyFrom(new byte[bytes]) } }, isTaken, field);

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public async Task MaxNameBytes_OfAViewer_IsTheBound(int bytes, bool isTaken) =>
        await AssertAsync(new ViewerEvent { ViewerId = new('v', bytes), Text = "t" }, isTaken, "viewer_event.viewer_id");

    [Theory]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public async Task MaxReasonBytes_OfAViewersInterrupt_IsTheBound(int bytes, bool isTaken) => await AssertAsync(
        new ViewerEvent { Interrupt = new ViewerInterrupt { Reason = new('r', bytes) } }, isTaken, "viewer_event.interrupt.reason");

    [Fact]
    public async Task AnEmptyEvent_IsRefused() => await AssertAsync(new ViewerEvent(), isTaken: false, "viewer_event.event");

    [Fact]
    public async Task AnEvent_ForATurnThatCannotBe_IsRefused() => await AssertAsync(
        new ViewerEvent { Playback = new PlaybackReport { TurnId = "a b" } }, isTaken: false, "viewer_event.playback.turn_id");

    [Fact]
    public async Task AnAcknowledgement_OfWhatWasNeverSent_IsRefusedAndTheFeedGoesOn()
    {
        await _service.AcknowledgeAsync(1, 5);
        var refused = (await _service.WaitForAsync(response => response.Refused is not null)).Refused;

        Assert.Equal((2L, ErrorReason.InvalidRequest, "acknowledge.position"), (refused.Request, refused.Reason, refused.Field));
        await AssertGoesOnAsync();
    }

    [Fact]
    public async Task AStart_InARunningFeed_IsRefusedAndTheFeedGoesOn()
    {
        await _service.SendAsync(new SubscribeRequest { Start = new StartFeed { SessionId = SessionId } });
        var refused = (await _service.WaitForAsync(response => response.Refused is not null)).Refused;

        Assert.Equal((2L, "request"), (refused.Request, refused.Field));
        await AssertGoesOnAsync();
    }

    [Fact]
    public async Task AReader_ThatEndsItsUpwardHalf_GoesOnReading()
    {
        using var call = _gateway.Feed.Subscribe();
        var start = new StartFeed { SessionId = SessionId, WithoutAcknowledgements = true };
        await call.RequestStream.WriteAsync(new SubscribeRequest { Start = start });
        await call.RequestStream.CompleteAsync();
        await _speaker.SayAsync(Speech.Create(16000, 800), "one");
        await _speaker.SendAsync(new SpeakRequest { Close = new CloseSession { WhenHeard = true } });

        var received = new List<SubscribeResponse>();
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
        {
            received.Add(call.ResponseStream.Current);
        }

        Assert.Equal([("one", TurnOutcome.Completed)], received.Payloads().Ended());
    }

    // Viewers that lag behind move a turn's end, by so much at the most.
    [Fact]
    public async Task PlaybackReport_OfAViewerThatIsBehind_MovesTheTurnsEndWithinItsBound()
    {
        await _speaker.SayAsync(Speech.Create(16000, 16_000), "one");
        await _service.WaitForAsync(response => response.Payload?.TurnSealed is not null);
        await _service.SendAsync(new ViewerEvent
        {
            Playback = new PlaybackReport { TurnId = "one", PlayedSamples = 0, State = PlaybackState.Buffering },
        });

        var report = await _speaker.TurnReportAsync("one");

        Assert.Equal(TurnOutcome.Completed, report.Outcome);
        Assert.True(report.EndedMs - report.ReleasedMs >= 1000, $"{report.EndedMs - report.ReleasedMs} ms");
    }

    private async Task AssertAsync(ViewerEvent viewerEvent, bool isTaken, string field)
    {
        await _service.SendAsync(viewerEvent);
        if (isTaken)
        {
            Assert.Equal(viewerEvent, (await _speaker.WaitForAsync(response => response.ViewerEvent is not null)).ViewerEvent);
        }
        else
        {
            var refused = (await _service.WaitForAsync(response => response.Refused is not null)).Refused;
            Assert.Equal((2L, ErrorReason.InvalidRequest, field), (refused.Request, refused.Reason, refused.Field));
            Assert.NotEmpty(refused.Message);
        }

        await AssertGoesOnAsync();
    }

    private async Task AssertGoesOnAsync()
    {
        await _speaker.SayAsync(Speech.Create(16000, 800), "next");
        Assert.Equal(TurnOutcome.Completed, (await _service.TurnEndedAsync("next")).Outcome);
    }

    private Task StateAsync(SessionState state) => Testing.Eventually.EqualAsync(
        state, () => _gateway.Sessions.GetSession(new GetSessionRequest { SessionId = SessionId }).Session.State);
}
