using MotionGateway.Cli.Speaking;
using MotionGateway.V1;

namespace MotionGateway.Cli.Tests.Speaking;

public sealed class SpokenTurnTests
{
    private static readonly SpeakResponse Failure = new()
    {
        MotionServerFailure = new MotionServerFailure { TurnId = "a", Reason = ErrorReason.MotionServerUpstreamError, Message = "It broke." },
    };

    private readonly SpokenTurn _turn = new("a");

    [Theory]
    [InlineData(TurnOutcome.Completed, ErrorReason.Unspecified, null)]
    [InlineData(TurnOutcome.Interrupted, ErrorReason.Unspecified, null)]
    [InlineData(TurnOutcome.AudioOnly, ErrorReason.MotionServerUpstreamError, "MOTION_SERVER_UPSTREAM_ERROR: It broke.")]
    public void Error_AfterAFailureOnTheWay_FollowsFromTheOutcome(TurnOutcome outcome, ErrorReason error, string? expected)
    {
        _turn.Handle(Failure);
        _turn.Handle(Report(recoveries: 1));
        _turn.Handle(Ended(outcome, error));

        Assert.Equal((outcome, expected, 1), (_turn.Outcome, _turn.Error, _turn.Recoveries));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Ended_ReportAndEndInAnyOrder_WaitsForBoth(bool isReportFirst)
    {
        SpeakResponse[] both = [Report(recoveries: 0), Ended(TurnOutcome.Completed, ErrorReason.Unspecified)];
        _turn.Handle(both[isReportFirst ? 0 : 1]);
        Assert.False(_turn.Ended.IsCompleted);
        _turn.Handle(both[isReportFirst ? 1 : 0]);

        Assert.True(_turn.Ended.IsCompleted);
        Assert.Equal((8000, 250), (_turn.Samples, _turn.FirstMotionMs));
    }

    private static SpeakResponse Report(int recoveries) => new()
    {
        TurnReport = new TurnReport { TurnId = "a", SampleCount = 8000, KeyframeCount = 25, FirstMotionMs = 250, Recoveries = recoveries },
    };

    private static SpeakResponse Ended(TurnOutcome outcome, ErrorReason error) => new()
    {
        Payload = new Payload { TurnId = "a", TurnEnded = new TurnEnded { Outcome = outcome, Error = error } },
    };
}
