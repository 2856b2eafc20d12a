using Google.Protobuf;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>What can happen to a connection before, during and after a turn.</summary>
internal static class TurnFaults
{
    private static readonly (TurnMoment Moment, string Name, string Words)[] Moments =
    [
        (TurnMoment.Before, "before-turn", "Before the first turn"), (TurnMoment.Mid, "mid-turn", "After a turn's first motion"), (TurnMoment.After, "after-turn", "After a turn's last motion"),
    ];

    // One of each retry class; what the texts mean is the same as with a close behind them.
    private static readonly string[] Reported = ["3", "13", "upstream-failed"];

    public static IReadOnlyList<FaultFamily> Families { get; } =
    [
        new("fault-error-{reason}-{before|mid|after}-turn", "ServerError and a close.", AtEachMoment(ErrorReply.All, Failed)),
        new("fault-report-{reason}-{before|mid|after}-turn", "ServerError about the request, and no close; in mid-turn the request's motion ends there.",
            AtEachMoment(Reported.Select(ErrorReply.Find), Report)),
        new("fault-close-{code}-{before|mid|after}-turn", "A close without ServerError.", AtEachMoment(CloseReply.All, Closed)),
        new("fault-reset-{before|mid|after}-turn", "The TCP connection is cut.",
            [.. Moments.Select(at => Fault.Turn($"reset-{at.Name}", $"{at.Words} the TCP connection is cut.", Error(Verdict.ConnectionClosed),
                TurnPlan.At(at.Moment, (connection, _, _) => connection.CutAsync())))]),
        new("fault-{message}-{before|mid|after}-turn", "A message comes that does not belong there.", AtEachMoment(Strays, Stray)),
        new("fault-stall-{until}", "Motion stops coming; the connection is there.",
        [
            Fault.Turn("stall-mid-turn", "After a turn's first motion there is no more of that turn.", FaultOutcome.AudioOnly(),
                TurnPlan.Stalled(Silence.Turn)),
            Fault.Turn("stall-for-good", "After a turn's first motion there is no more on that connection.", FaultOutcome.AudioOnly(connectionStays: false),
                TurnPlan.Stalled(Silence.Connection)),
        ]),
        new("fault-deaf-{to}", "The server does not take what the client sends; the connection is there.",
        [
            Fault.Turn("deaf-to-audio", "From the confirmation on the server reads nothing: in the end the network takes no more, and a send has to end by its time limit.",
                FaultOutcome.Error(Verdict.ConnectionClosed, FaultPhase.Send), TurnPlan.At(TurnMoment.Before, (connection, _, _) => new ValueTask(connection.HoldAsync()))),
            Fault.AtClose("deaf-to-close", "The client's close is never answered; the client has to leave by its own time limit.", FaultOutcome.Recovered()),
        ]),
    ];

    private static IEnumerable<(string Name, string Words, FaultOutcome Outcome, TurnAct Act)> Strays =>
    [
        ("text", "a text frame comes", FaultOutcome.Recovered(), (connection, _, cancellationToken) => connection.SendTextAsync(FaultMessages.Text, cancellationToken)),
        ("garbage", "a message comes that is no protobuf", FaultOutcome.Recovered(), (connection, _, cancellationToken) => connection.SendRawAsync(FaultMessages.Garbage, cancellationToken)),
        ("truncated", "a motion message comes that is cut before its end", FaultOutcome.Recovered(), (connection, _, cancellationToken) =>
            connection.SendRawMotionAsync(0, FaultMessages.Truncated(FaultMessages.Motion(connection, FaultMessages.NobodysRequest, 2)), cancellationToken)),
        ("oversize", "a motion message of 5 MiB comes", Error(Verdict.ProtocolError), (connection, _, cancellationToken) =>
            connection.SendRawMotionAsync(1, FaultMessages.Oversize(FaultMessages.Motion(connection, FaultMessages.NobodysRequest, 1)), cancellationToken)),
        ("unknown-type", "a message comes of a type that the protocol does not have", FaultOutcome.Recovered(), (connection, _, cancellationToken) =>
            connection.SendAsync(FaultMessages.UnknownType(), cancellationToken)),
        ("empty-motion", "a motion message comes that has no keyframes", FaultOutcome.Recovered(), (connection, requestId, cancellationToken) =>
            connection.SendRawMotionAsync(0, FaultMessages.Motion(connection, requestId ?? FaultMessages.NobodysRequest, 0).ToByteArray(), cancellationToken)),
        ("nobodys-motion", "motion comes for a request that was never made", FaultOutcome.Recovered(), (connection, _, cancellationToken) =>
            connection.SendRawMotionAsync(5, FaultMessages.Motion(connection, FaultMessages.NobodysRequest, 5).ToByteArray(), cancellationToken)),
        ("confirmation", "another confirmation comes", FaultOutcome.Recovered(), (connection, _, cancellationToken) =>
            connection.SendAsync(connection.Confirmation(), cancellationToken)),
    ];

    internal static TurnAct Ends(Func<string?, Ingress.Ending> ending) => (connection, requestId, _) => connection.EndAsync(ending(requestId));

    private static FaultOutcome Error(Verdict verdict, bool connectionStays = false) => FaultOutcome.Error(verdict, FaultPhase.Runtime, connectionStays);

    private static Fault[] AtEachMoment<T>(IEnumerable<T> rows, Func<T, TurnMoment, string, string, Fault> make) =>
        [.. rows.SelectMany(row => Moments.Select(at => make(row, at.Moment, at.Name, at.Words)))];

    private static Fault Failed(ErrorReply reply, TurnMoment moment, string name, string words) => Fault.Turn(
        $"error-{reply.Slug}-{name}",
        FormattableString.Invariant($"{words}: ServerError {reply.Code} \"{reply.Text}\" and close {reply.CloseCode}."),
        Error(reply.Verdict),
        TurnPlan.At(moment, Ends(requestId => reply.Ending(requestId ?? ""))));

    private static Fault Report(ErrorReply reply, TurnMoment moment, string name, string words) => Fault.Turn(
        $"report-{reply.Slug}-{name}",
        FormattableString.Invariant($"{words}: ServerError {reply.Code} \"{reply.Text}\" and no close."),
        Error(reply.Verdict, connectionStays: true),
        TurnPlan.At(moment, (connection, requestId, _) => connection.SendErrorAsync(reply.Ending(requestId ?? "").Error!), Silence.Turn));

    private static Fault Closed(CloseReply reply, TurnMoment moment, string name, string words) => Fault.Turn(
        $"close-{reply.Slug}-{name}",
        $"{words}: {reply.Words}.",
        (reply.IsNormal, moment) switch
        {
            (true, TurnMoment.After) => FaultOutcome.Recovered(connectionStays: false),
            (true, _) => FaultOutcome.AudioOnly(connectionStays: false),
            _ => Error(reply.Verdict),
        },
        TurnPlan.At(moment, Ends(_ => reply.Ending)));

    private static Fault Stray((string Name, string Words, FaultOutcome Outcome, TurnAct Act) stray, TurnMoment moment, string name, string words) =>
        Fault.Turn($"{stray.Name}-{name}", $"{words} {stray.Words}.", stray.Outcome, TurnPlan.At(moment, stray.Act));
}
