using MotionGateway.MotionServer;
using MotionGateway.Sessions.Tests.Simulation;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Hosting;

/// <summary>A session and its connections to the Motion Server: lost, ended, replaced, parked.</summary>
public sealed class SessionLegTests
{
    private readonly SimulatedWorld _world = new();
    private readonly SimulatedMotionServer _server;

    public SessionLegTests() => _server = new SimulatedMotionServer(_world);

    [Fact]
    public void LegIsLost_InMidTurn_MotionIsWholeAndTheLossIsTold()
    {
        _server.PlanLeg = number => new LegPlan { Life = number == 0 ? TimeSpan.FromSeconds(1.5) : null, ConnectTime = TimeSpan.FromMilliseconds(200) };
        _server.PlanRequest = _ => new RequestPlan { Segments = (25, 25), Latency = TimeSpan.FromSeconds(1) };
        var s = Open();
        Write(s, "a", 2000);
        _world.Pass(1000);
        Write(s, "a", 2000, end: true);
        _world.Pass(6000);

        var turn = s.Session.Snapshot().Turns.Single();
        Assert.Equal((TurnOutcome.Completed, 100), (turn.Outcome, (int)turn.KeyframeCount));
        var failure = Ledger(s).Single(response => response.MotionServerFailure is not null).MotionServerFailure;
        Assert.Equal(("a", ErrorReason.MotionServerConnectionClosed, true, 0), (failure.TurnId, failure.Reason, failure.Retryable, failure.LostTurnIds.Count));
        s.Dispose();
    }

    [Fact]
    public void LegIsLost_NoneCanBeHad_TurnIsAudioOnlyAndToldAsLost()
    {
        _server.PlanLeg = number => number == 0
            ? new LegPlan { Life = TimeSpan.FromSeconds(1) }
            : new LegPlan { Refusal = MotionServerErrorCode.ConnectionFailed };
        _server.PlanRequest = _ => new RequestPlan { Latency = TimeSpan.FromSeconds(2) };
        var s = Open();
        Write(s, "a", 4000, end: true);
        _world.Pass(5000);

        var turn = s.Session.Snapshot().Turns.Single();
        Assert.Equal((TurnOutcome.AudioOnly, ErrorReason.MotionServerConnectionFailed), (turn.Outcome, turn.Error));
        Assert.Contains(Ledger(s), response => response.MotionServerFailure?.LostTurnIds.Contains("a") == true);
        s.Dispose();
    }

    [Fact]
    public void LegEnds_NoTurnIsThere_IsToldAndTheNextSpeechMakesAnother()
    {
        _server.PlanLeg = number => new LegPlan { Life = number == 0 ? TimeSpan.FromSeconds(1) : null, End = MotionServerErrorCode.CreditsExhausted };
        var s = Open();
        _world.Pass(2000);
        Assert.Equal((0, 1), (_server.OpenLegs, _server.Connects));
        Assert.Equal(ErrorReason.MotionServerCreditsExhausted, Ledger(s).Single().MotionServerFailure.Reason);
        Write(s, "a", 1000, end: true);
        _world.Pass(2000);

        Assert.Equal((1, 2), (_server.OpenLegs, _server.Connects));
        Assert.Equal(TurnOutcome.Completed, s.Session.Snapshot().Turns.Single().Outcome);
        s.Dispose();
    }

    [Fact]
    public void Interrupt_AtAnyMomentOfAReconnect_LeavesNoRequestOpen()
    {
        _server.PlanLeg = number => new LegPlan { Life = number % 2 == 0 ? TimeSpan.FromSeconds(1) : null, ConnectTime = TimeSpan.FromMilliseconds(200) };
        for (int at = 900; at <= 1400; at += 20)
        {
            var s = Open();
            Write(s, "cut", 500);
            _world.Pass(at);
            Write(s, "cut", 500, end: at % 40 == 0);
            _world.Do(() => s.Session.Interrupt("", InterruptScope.All, "", seen: null));
            _world.Pass(1000);
            Write(s, "next", 400, end: true);
            _world.Pass(3000);

            Assert.Equal(TurnOutcome.Completed, s.Session.Snapshot().Turns[^1].Outcome);
            Assert.All(_server.Requests, request => Assert.True(request.IsOver || request.Leg.IsEnded, $"{at}: {request.Id}"));
            s.Dispose();
        }
    }

    [Fact]
    public void Report_OfOneRequest_LeavesTheConnectionToTheOthers()
    {
        _server.PlanRequest = number => new RequestPlan { Fault = number == 0 ? RequestFault.ReportForGood : RequestFault.None };
        var s = Open();
        Write(s, "a", 1000, end: true);
        Write(s, "b", 1000, end: true);
        _world.Pass(5000);

        Assert.Equal([TurnOutcome.AudioOnly, TurnOutcome.Completed], s.Session.Snapshot().Turns.Select(turn => turn.Outcome));
        Assert.Equal((1, 1), (_server.Connects, _server.OpenLegs));
        s.Dispose();
    }

    [Fact]
    public void MotionServerIsMute_TurnIsStillOpen_IsToldWithinTheMotionTimeout()
    {
        _server.PlanRequest = number => new RequestPlan { Fault = number == 0 ? RequestFault.Stall : RequestFault.None };
        var s = Open();
        Write(s, "a", 10_000);
        _world.Pass(_server.MotionTimeout + TimeSpan.FromMilliseconds(1));

        var failure = Ledger(s).Single(response => response.MotionServerFailure is not null).MotionServerFailure;
        Assert.Equal(("a", ErrorReason.MotionTimeout), (failure.TurnId, failure.Reason));
        _world.Do(() => s.Session.EndTurn(s.Lease, "a"));
        _world.Pass(10_000);
        Assert.Equal(TurnOutcome.Completed, s.Session.Snapshot().Turns.Single().Outcome);
        s.Dispose();
    }

    [Fact]
    public void Connection_IsThereWhenTheTurnIsOver_NothingOfItIsSent()
    {
        _server.PlanLeg = number => number == 0
            ? new LegPlan { Life = TimeSpan.FromMilliseconds(50) }
            : new LegPlan { ConnectTime = TimeSpan.FromSeconds(10) };
        _server.PlanRequest = _ => new RequestPlan { Latency = TimeSpan.FromSeconds(1) };
        var s = Open();
        Write(s, "a", 1000, end: true);
        _world.Pass(20_000);

        Assert.Equal(TurnOutcome.AudioOnly, s.Session.Snapshot().Turns.Single().Outcome);
        Assert.Contains(Ledger(s), response => response.MotionServerFailure?.TurnId == "a");
        Assert.Equal((1, 2, 1), (_server.Requests.Count, _server.Connects, _server.OpenLegs));
        s.Dispose();
    }

    [Fact]
    public void ConnectionLifetime_WithinATurn_IsReplacedBeforeItsEndWithoutASeam()
    {
        _server.PlanLeg = _ => new LegPlan { Life = TimeSpan.FromSeconds(10), End = MotionServerErrorCode.SessionDurationExceeded };
        _server.PlanRequest = _ => new RequestPlan { Segments = (5, 5) };
        var s = Open(lifetime: TimeSpan.FromSeconds(10));
        for (int i = 0; i < 30; i++)
        {
            Write(s, "a", 1000, end: i == 29);
            _world.Pass(1000);
            Assert.InRange(_server.OpenLegs, 1, 2);
        }

        _world.Pass(3000);
        var turn = s.Session.Snapshot().Turns.Single();
        Assert.Equal((TurnOutcome.Completed, 750), (turn.Outcome, (int)turn.KeyframeCount));
        Assert.InRange(_server.Connects, 3, 6);
        Assert.DoesNotContain(Ledger(s), response => response.MotionServerFailure is not null);
        s.Dispose();
    }

    [Fact]
    public void ParkAfter_Silence_ConnectionIsLetGoAndTheNextSpeechReopensIt()
    {
        var s = Open(new SessionLimits { ParkAfter = TimeSpan.FromSeconds(5) });
        _world.Pass(4999);
        Assert.Equal(1, _server.OpenLegs);
        _world.Pass(2);
        Assert.Equal(0, _server.OpenLegs);
        _world.Pass(60_000);
        Assert.Equal(1, _server.Connects);
        Write(s, "a", 1000, end: true);
        _world.Pass(2000);
        Assert.Equal((1, TurnOutcome.Completed), (_server.OpenLegs, s.Session.Snapshot().Turns.Single().Outcome));
        s.Dispose();
    }

    private static List<SpeakResponse> Ledger(SimulatedSession s)
    {
        List<SpeakResponse> told = [];
        for (long position = 0; s.Session.TryReadLedger(ref position, out var response);)
        {
            told.Add(response!);
        }

        return told;
    }

    private SimulatedSession Open(SessionLimits? limits = null, SessionSettings? settings = null, TimeSpan? lifetime = null)
    {
        var s = new SimulatedSession(_world, _server, settings ?? CoreFixture.AtOnce, limits ?? new SessionLimits(), lifetime);
        s.Start();
        return s;
    }

    private void Write(SimulatedSession s, string turn, int milliseconds, bool end = false) => _world.Do(() =>
    {
        byte[] speech = CoreFixture.Speech($"{turn}{_world.Now}", 16 * milliseconds);
        s.Session.WriteAudio(s.Lease, turn, speech, end);
    });
}
