using MotionGateway.MotionServer;
using MotionGateway.Sessions.Tests.Simulation;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Motion;

/// <summary>What becomes of a turn's motion when its connection ends, by whether connecting again can help.</summary>
public sealed class RetryClassTests
{
    private const int SampleRate = 8000;

    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(20);

    private readonly SimulatedWorld _world = new();
    private readonly SimulatedMotionServer _server;

    public RetryClassTests() => _server = new SimulatedMotionServer(_world)
    {
        PlanRequest = _ => new RequestPlan { Latency = TimeSpan.FromMilliseconds(100) },
    };

    [Fact]
    public void LegEnds_NothingHelps_MotionIsLostForTheTurnAndIsBackWithTheNext()
    {
        var s = Open(MotionServerErrorCode.CreditsExhausted);
        var first = Speak(s, "one");
        int connects = _server.Connects;
        var second = Speak(s, "two");

        Assert.Equal((TurnOutcome.AudioOnly, ErrorReason.MotionServerCreditsExhausted), (first.Outcome, first.Error));
        Assert.Equal(1, connects);
        Assert.Equal((TurnOutcome.Completed, 2), (second.Outcome, _server.Connects));
        s.Dispose();
    }

    [Theory]
    [InlineData(MotionServerErrorCode.SessionTokenInvalid)]
    [InlineData(MotionServerErrorCode.SessionDurationExceeded)]
    [InlineData(MotionServerErrorCode.ConnectionClosed)]
    public void LegEnds_AnotherHelps_MotionIsWhole(MotionServerErrorCode code)
    {
        var s = Open(code);
        var report = Speak(s, "one");

        Assert.Equal((TurnOutcome.Completed, 1), (report.Outcome, report.Recoveries));
        s.Dispose();
    }

    [Fact]
    public void LegEnds_ServerAsksForAPause_NothingIsAskedBefore()
    {
        var s = Open(MotionServerErrorCode.ConcurrencyLimit);
        Say(s, "one");
        _world.Pass(5000);
        Assert.Equal(1, _server.Connects);
        _world.Pass(200);

        Assert.Equal(2, _server.Connects);
        Assert.Equal(TurnOutcome.Completed, Finish(s, "one").Outcome);
        s.Dispose();
    }

    [Fact]
    public void LegEnds_PauseIsLongerThanTheTurn_TurnGoesOnAsAudioOnly()
    {
        var s = Open(MotionServerErrorCode.ConcurrencyLimit, TimeSpan.FromSeconds(1));
        var report = Speak(s, "one", TimeSpan.FromSeconds(1));

        Assert.Equal((TurnOutcome.AudioOnly, ErrorReason.MotionServerConcurrencyLimit), (report.Outcome, report.Error));
        Assert.True(_world.Now < TimeSpan.FromSeconds(5));
        s.Dispose();
    }

    private static byte[] Speech(string turn, TimeSpan length) => CoreFixture.Speech(turn, (int)(length.TotalSeconds * SampleRate) * sizeof(short));

    private SimulatedSession Open(MotionServerErrorCode end, TimeSpan grace = default)
    {
        _server.PlanLeg = number => number == 0 ? new LegPlan { Life = TimeSpan.FromMilliseconds(50), End = end } : new LegPlan();
        var limits = new SessionLimits { RecoveryGrace = grace > TimeSpan.Zero ? grace : TimeSpan.FromSeconds(2) };
        var s = new SimulatedSession(_world, _server, new SessionSettings { AvatarId = "avatar", SampleRate = SampleRate }, limits);
        s.Start();
        return s;
    }

    private TurnReport Speak(SimulatedSession s, string turn, TimeSpan? length = null)
    {
        Say(s, turn, length);
        return Finish(s, turn);
    }

    private void Say(SimulatedSession s, string turn, TimeSpan? length = null) =>
        _world.Do(() => s.Session.WriteAudio(s.Lease, turn, Speech(turn, length ?? Turn), endTurn: true));

    private TurnReport Finish(SimulatedSession s, string turn)
    {
        TurnReport? report = null;
        bool IsReported()
        {
            long position = 0;
            while (s.Session.TryReadLedger(ref position, out var response))
            {
                report = response!.TurnReport?.TurnId == turn ? response.TurnReport : report;
            }

            return report is not null;
        }

        Assert.True(_world.PassUntil(IsReported, TimeSpan.FromMinutes(1)), "The turn does not end.");
        return report!;
    }
}
