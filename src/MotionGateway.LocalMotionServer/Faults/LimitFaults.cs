using MotionGateway.LocalMotion.Ingress;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>The service's limits, reached at once. Options of the server set real ones.</summary>
internal static class LimitFaults
{
    public static IReadOnlyList<FaultFamily> Families { get; } =
    [
        new("fault-limit-{limit}", "A limit of the service is reached at once; options set real limits.",
        [
            Fault.Handshake("limit-concurrency", "There are as many connections as may be: ServerError 4003 instead of the confirmation, and close 4003.",
                FaultOutcome.Error(Verdict.ConcurrencyLimit, FaultPhase.Handshake),
                HandshakeFaults.Ends(Ending.With(Refusals.ConcurrencyLimit, Refusals.ConcurrencyLimit, Refusals.TooManyConnections))),
            Turn("credits", "The credits are used up in mid-turn: ServerError 4001 and close 4001.", Verdict.CreditsExhausted, TurnMoment.Mid,
                requestId => Ending.With(Refusals.CreditsExhausted, Refusals.CreditsExhausted, Refusals.NoCredits, requestId ?? "")),
            Turn("duration", "The session has lasted long enough in mid-turn: ServerError 4002 and close 4002.", Verdict.SessionDurationExceeded, TurnMoment.Mid,
                _ => Ending.With(Refusals.SessionTimeLimit, Refusals.SessionTimeLimit, Refusals.SessionIsOver)),
            Turn("idle", "The silence after a turn is over at once: ServerError 4 and close 1000.", Verdict.IdleTimeout, TurnMoment.After,
                _ => Ending.With(Refusals.DeadlineExceeded, 1000, "no audio input for 0 s")),
        ]),
    ];

    private static Fault Turn(string name, string description, Verdict verdict, TurnMoment moment, Func<string?, Ending> ending) =>
        Fault.Turn($"limit-{name}", description, FaultOutcome.Error(verdict, FaultPhase.Runtime), TurnPlan.At(moment, TurnFaults.Ends(ending)));
}
