using MotionGateway.Feeds;
using MotionGateway.Sessions.Tests.Simulation;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Hosting;

/// <summary>A whole session: its speaker, its readers, its end.</summary>
public sealed class SessionTests
{
    private readonly SimulatedWorld _world = new();
    private readonly SimulatedMotionServer _server;

    public SessionTests() => _server = new SimulatedMotionServer(_world);

    [Fact]
    public void Close_ConnectionIsLetGoAtOnce()
    {
        var s = Open();
        _world.Do(() => s.Session.Close(s.Lease, "bye"));

        Assert.Equal(0, _server.OpenLegs);
        Assert.Equal((ErrorReason.Unspecified, "bye"), s.Speaker.Ended);
        s.Dispose();
    }

    [Fact]
    public void Close_PeerIsMute_NobodyWaitsForIt()
    {
        _server.PlanLeg = _ => new LegPlan { GoodbyeTime = TimeSpan.FromSeconds(5) };
        var s = Open();
        _world.Do(() => s.Session.Close(s.Lease, ""));

        Assert.Equal((1, TimeSpan.Zero), (s.Closed, _world.Now));
        s.Dispose();
        Assert.Equal(TimeSpan.FromSeconds(5), _world.Now);
    }

    [Fact]
    public void Resume_TokenStaysGoodUntilItsSuccessorHasBeenUsed()
    {
        var s = Open();
        string first = s.Lease.ResumeToken;
        s.Resume(first);
        string lost = s.Lease.ResumeToken;

        // The answer got lost: the first one still does.
        s.Resume(first);
        string second = s.Lease.ResumeToken;
        Assert.Equal(3, new[] { first, lost, second }.Distinct().Count());
        s.Resume(second);
        Assert.Equal(ErrorReason.ResumeTokenInvalid, Refusal(() => s.Resume(first)));
        s.Resume(second);
        Assert.Equal(ErrorReason.ResumeTokenInvalid, Refusal(() => s.Resume("wrong")));
        Assert.Equal(ErrorReason.ResumeTokenInvalid, Refusal(() => s.Resume("")));
        s.Dispose();
    }

    [Fact]
    public void Resume_ForgetsNothing()
    {
        var s = Open();
        Write(s, "a", 1000, end: true);
        Write(s, "b", 500);
        long position = 0;
        Assert.True(s.Session.TryReadLedger(ref position, out _));
        _world.Do(() => s.Session.Detach(s.Lease, 0));
        _world.Pass(1500);

        var turns = s.Resume(s.Lease.ResumeToken);

        Assert.Equal(("b", 8000, false, true), (turns.Single().TurnId, (int)turns[0].ReceivedBytes, turns[0].Complete, turns[0].Started));
        List<SpeakResponse> told = [];
        while (s.Session.TryReadLedger(ref position, out var response))
        {
            told.Add(response!);
        }

        Assert.Contains(told, response => response.TurnReport is { TurnId: "a", Outcome: TurnOutcome.Completed });
        Assert.Contains(told, response => response.AudioAcknowledged is { TurnId: "b", Bytes: 8000 });
        s.Dispose();
    }

    [Fact]
    public void Resume_OlderCall_IsToldAndCanDoNothing()
    {
        var s = Open();
        var (lease, speaker) = (s.Lease, s.Speaker);
        s.Resume(lease.ResumeToken);

        Assert.True(speaker.IsSuperseded);
        Assert.Equal(ErrorReason.Superseded, Refusal(() => s.Session.WriteAudio(lease, "a", new byte[2], endTurn: false)));
        Assert.Equal(ErrorReason.Superseded, Refusal(() => s.Session.EndTurn(lease, "a")));
        Assert.Equal(ErrorReason.Superseded, Refusal(() => s.Session.Interrupt(lease, "", InterruptScope.All, "")));
        Assert.Equal(ErrorReason.Superseded, Refusal(() => s.Session.PausePlayback(lease)));
        Assert.Equal(ErrorReason.Superseded, Refusal(() => s.Session.ResumePlayback(lease)));
        Assert.Equal(ErrorReason.Superseded, Refusal(() => s.Session.Send(lease, new ViewerMessage())));
        Assert.Equal(ErrorReason.Superseded, Refusal(() => s.Session.Finish(lease)));
        Assert.Equal(ErrorReason.Superseded, Refusal(() => s.Session.Close(lease, "")));
        _world.Do(() => s.Session.Detach(lease, 0));
        _world.Pass(TimeSpan.FromMinutes(1));
        Assert.False(s.Session.IsClosed);
        s.Dispose();
    }

    [Theory]
    [InlineData(29_999, false)]
    [InlineData(30_001, true)]
    public void ResumeWindow_WithinBeyond(int milliseconds, bool isClosed)
    {
        var s = Open();
        Write(s, "a", 60_000);
        _world.Do(() => s.Session.Detach(s.Lease, 0));
        _world.Pass(milliseconds);

        Assert.Equal(isClosed ? ErrorReason.SpeakerLost : ErrorReason.Unspecified, s.Session.Snapshot().Error);
        Assert.Equal(isClosed ? SessionState.Closed : SessionState.Detached, s.Session.Snapshot().State);
        s.Dispose();
    }

    [Fact]
    public void Finish_SpeakerLeaves_EverythingPlaysOut()
    {
        var s = Open(new SessionLimits { ResumeWindow = TimeSpan.FromSeconds(2) });
        Write(s, "a", 6000, end: true);
        _world.Do(() => s.Session.Finish(s.Lease));
        _world.Do(() => s.Session.Detach(s.Lease, 0));
        _world.Pass(7000);

        Assert.Equal(TurnOutcome.Completed, s.Session.Snapshot().Turns.Single().Outcome);
        Assert.True(s.Session.IsClosed);
        s.Dispose();
    }

    [Theory]
    [InlineData(199_998, false)]
    [InlineData(200_000, true)]
    [InlineData(200_002, true)]
    public void MustStopReading_WithinAtBeyondTwiceTheCredit(int bytes, bool mustStop)
    {
        var s = Open(new SessionLimits { AudioCreditBytes = 100_000 }, CoreFixture.Paced);
        _world.Do(() => s.Session.WriteAudio(s.Lease, "a", new byte[bytes], endTurn: false));
        Assert.Equal(mustStop, s.Session.MustStopReading(s.Lease, out long waiting));
        Assert.Equal(bytes, waiting);

        // An interrupt that stands behind is seen, and frees it all.
        _world.Do(() => s.Session.Interrupt("", InterruptScope.All, "", seen: null));
        Assert.False(s.Session.MustStopReading(s.Lease, out _));
        Assert.Equal(mustStop ? 1 : 0, s.Speaker.ReadingResumed);
        s.Dispose();
    }

    [Fact]
    public void ViewerEvent_IsToldToTheSpeakerAndAClosedSessionTakesNoNotice()
    {
        var s = Open();
        _world.Do(() => s.Session.ViewerEvent(new ViewerEvent { Text = "hello" }));
        Assert.Equal("hello", s.Speaker.ViewerEvents.Single().Text);
        _world.Do(() => s.Session.Close(s.Lease, ""));
        _world.Do(() => s.Session.ViewerEvent(new ViewerEvent { Interrupt = new ViewerInterrupt() }));
        Assert.Single(s.Speaker.ViewerEvents);
        s.Dispose();
    }

    [Fact]
    public void Watch_IsToldOfEachChangeAndOfTheEnd()
    {
        var s = Open();
        var changed = new AsyncSignal();
        var watching = s.Session.Watch(changed);
        Write(s, "a", 10);
        _world.Finish(() => changed.WaitAsync().AsTask());
        s.Dispose();
        _world.Finish(() => changed.WaitAsync().AsTask());
        watching.Dispose();
    }

    [Fact]
    public void OnWritten_FirstPayloadAtAReader_IsReported()
    {
        var s = Open();
        Write(s, "a", 1000, end: true);
        _world.Pass(120);
        _world.Do(() => s.Session.OnWritten(1));
        _world.Pass(2000);

        var report = Ledger(s).Single(response => response.TurnReport is not null).TurnReport;
        Assert.Equal((120, 0, 0, 100), (report.FirstWriteMs, report.SentMs, report.ReleasedMs, report.FirstMotionMs));
        Assert.Equal((1000, 8000, 25, 8000), (report.EndedMs, (int)report.SampleCount, (int)report.KeyframeCount, (int)report.PlayedSamples));
        s.Dispose();
    }

    [Theory]
    [InlineData(AudioRelease.AtOnce, 0, 100)]
    [InlineData(AudioRelease.WithMotion, 100, 0)]
    public void TurnReport_MotionTakesItsTime_TellsWhatAudioWaitedOrByHowMuchMotionWasLate(AudioRelease release, int waitMs, int lateMs)
    {
        _server.PlanRequest = _ => new RequestPlan { Latency = TimeSpan.FromMilliseconds(100) };
        var s = Open(settings: CoreFixture.AtOnce with { AudioRelease = release });
        var opened = _world.Time.GetUtcNow();
        var reader = s.Log.OpenReader(new LogPosition(1, 0), int.MaxValue, new AsyncSignal());
        Write(s, "a", 1000, end: true);
        _world.Pass(3000);

        var report = Ledger(s).Single(response => response.TurnReport is not null).TurnReport;
        Assert.Equal((waitMs, lateMs, waitMs), (report.MotionWaitMs, report.MotionLateMs, report.ReleasedMs));
        Assert.True(reader.TryRead(out var first));
        var started = SubscribeResponse.Parser.ParseFrom(first.Encoded.Span).Payload.TurnStarted;
        Assert.Equal(opened.AddMilliseconds(waitMs), started.Time.ToDateTimeOffset(), TimeSpan.FromMilliseconds(1));
        s.Dispose();
    }

    [Fact]
    public void Dispose_Twice_AndWithoutAConnection_IsHarmless()
    {
        var s = new SimulatedSession(_world, _server, CoreFixture.AtOnce, new SessionLimits());
        s.Dispose();

        Assert.Equal((0, 0L), (_server.Connects, s.Budget.Held));
    }

    private static ErrorReason Refusal(Action command) => Assert.Throws<GatewayException>(command).Reason;

    private static List<SpeakResponse> Ledger(SimulatedSession s)
    {
        List<SpeakResponse> told = [];
        for (long position = 0; s.Session.TryReadLedger(ref position, out var response);)
        {
            told.Add(response!);
        }

        return told;
    }

    private SimulatedSession Open(SessionLimits? limits = null, SessionSettings? settings = null)
    {
        var s = new SimulatedSession(_world, _server, settings ?? CoreFixture.AtOnce, limits ?? new SessionLimits());
        s.Start();
        return s;
    }

    private void Write(SimulatedSession s, string turn, int milliseconds, bool end = false) => _world.Do(() =>
    {
        byte[] speech = CoreFixture.Speech($"{turn}{_world.Now}", 16 * milliseconds);
        s.Session.WriteAudio(s.Lease, turn, speech, end);
    });
}
