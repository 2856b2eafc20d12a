using static MotionGateway.LocalMotion.Faults.FaultPlan;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>The ways in which a session ends before its time, or is told that it should.</summary>
internal static class EndingFaults
{
    public static readonly FaultPoint[] Everywhere =
        [FaultPoint.Motion, FaultPoint.Handshake, FaultPoint.Any, FaultPoint.FirstAudio, FaultPoint.End, FaultPoint.TwoRequests];

    // Where a code is told from another: before there is a session, and in one.
    private static readonly FaultPoint[] Main = [FaultPoint.Motion, FaultPoint.Handshake];

    private static readonly string[] Codes = [.. ServerErrors.ByCode.Select(error => error.Name)];

    public static IEnumerable<FaultBehaviour> Behaviours =>
    [
        FaultBehaviour.Of("server-error", "code", Codes, "ServerError {0} and the close that goes with it: of the same code where that is a close code.", Everywhere, Main,
            (code, point) => FaultOutcome.Error(ServerErrors.Find(code).Verdict, point), (code, _) => Says(code)),
        FaultBehaviour.Of("server-error-alone", "code", Codes, "ServerError {0} and no close; a request that it comes in gets no more motion.", Everywhere, Main,
            (code, point) => FaultOutcome.Error(ServerErrors.Find(code).Verdict, point, connectionStays: true),
            (code, point) => Acts(
                (scene, _) => scene.Connection.SendErrorAsync(ServerErrors.Find(code).Ending(scene.RequestId ?? "").Error!),
                point == FaultPoint.Handshake ? Aftermath.Silent : Aftermath.RequestSilent)),
        FaultBehaviour.Of("server-text", "reason", [.. ServerErrors.ByText.Select(error => error.Name)],
            "ServerError whose text is that of {0} and whose code says nothing, and a close.", [FaultPoint.Handshake, FaultPoint.Any, FaultPoint.Motion], [FaultPoint.Handshake],
            (reason, point) => FaultOutcome.Error(ServerErrors.Find(reason).Verdict, point), (reason, _) => Says(reason)),
        FaultBehaviour.Of("close", "code", Closes.Codes, "A close with code {0}, and no ServerError before it.", Everywhere, Main,
            Closes.Outcome, (code, _) => Ends(_ => Closes.Ending(code))),
        FaultBehaviour.Of("reset", "", [""], "The TCP connection is cut.", Everywhere, Everywhere,
            (_, point) => FaultOutcome.Error(point == FaultPoint.Handshake ? Verdict.ConnectionFailed : Verdict.ConnectionClosed, point),
            (_, _) => Acts((scene, _) => scene.Connection.CutAsync(), Aftermath.Silent)),
    ];

    private static FaultPlan Says(string error) => Ends(scene => ServerErrors.Find(error).Ending(scene.RequestId ?? ""));
}
