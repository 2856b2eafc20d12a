using static MotionGateway.LocalMotion.Faults.FaultPlan;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>The ways in which a server that is there does nothing.</summary>
internal static class StallFaults
{
    private static readonly FaultPoint[] Points = [FaultPoint.Motion, FaultPoint.FirstAudio, FaultPoint.TwoRequests];

    public static IEnumerable<FaultBehaviour> Behaviours =>
    [
        FaultBehaviour.Of("stall", "what", ["request", "connection"], "No more motion comes for the {0}, and nothing says so. Not with egress.", Points, Points,
            (what, _) => FaultOutcome.AudioOnly(connectionStays: what == "request"),
            (what, _) => Stalls(what == "request" ? Aftermath.RequestSilent : Aftermath.Silent)),
        FaultBehaviour.Of("deaf-to-audio", "The server reads nothing: in the end the network takes no more, and a send has to end by its time limit.", FaultPoint.Any,
            FaultOutcome.Error(Verdict.ConnectionClosed, FaultPhase.Send), Acts((scene, _) => new ValueTask(scene.Connection.HoldAsync()), Aftermath.Silent)),
        FaultBehaviour.Of("deaf-to-close", "The client's close is never answered; the client has to leave by its own time limit.", FaultPoint.End,
            FaultOutcome.Completed(), LeavesTheCloseUnanswered()),
    ];
}
