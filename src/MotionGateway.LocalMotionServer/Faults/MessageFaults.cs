using Google.Protobuf;
using MotionGateway.LocalMotion.Ingress;
using static MotionGateway.LocalMotion.Faults.FaultPlan;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>Messages that come where none of their kind belongs.</summary>
internal static class MessageFaults
{
    private static readonly FaultPoint[] InSession = [FaultPoint.Motion, FaultPoint.Any, FaultPoint.FirstAudio, FaultPoint.End];

    public static IEnumerable<FaultBehaviour> Behaviours =>
    [
        FaultBehaviour.Of("stray", "message", ["garbage", "text", "truncated", "unknown-type", "empty-motion", "nobodys-motion", "confirmation"],
            "A message comes that does not belong there, and is to be ignored: {0}.", InSession, [FaultPoint.Motion], (_, _) => FaultOutcome.Completed(), (message, _) => Sends(message)),
        FaultBehaviour.Of("too-long-message", "", [""], "A motion message of 5 MiB comes.", InSession, InSession,
            (_, point) => FaultOutcome.Error(Verdict.ProtocolError, point), (_, _) => Acts((scene, cancellationToken) =>
                scene.Connection.SendRawMotionAsync(1, FaultMessages.Oversize(FaultMessages.Motion(scene.Connection, FaultMessages.NobodysRequest, 1)), cancellationToken), Aftermath.GoesOn)),
    ];

    private static FaultPlan Sends(string message) => Acts((scene, cancellationToken) => Send(scene.Connection, scene.RequestId ?? FaultMessages.NobodysRequest, message, cancellationToken), Aftermath.GoesOn);

    private static ValueTask Send(IngressConnection connection, string requestId, string message, CancellationToken cancellationToken) => message switch
    {
        "garbage" => connection.SendRawAsync(FaultMessages.Garbage, cancellationToken),
        "text" => connection.SendTextAsync(FaultMessages.Text, cancellationToken),
        "truncated" => connection.SendRawMotionAsync(0, FaultMessages.Truncated(FaultMessages.Motion(connection, FaultMessages.NobodysRequest, 2)), cancellationToken),
        "unknown-type" => connection.SendAsync(FaultMessages.UnknownType(), cancellationToken),
        "empty-motion" => connection.SendRawMotionAsync(0, FaultMessages.Motion(connection, requestId, 0).ToByteArray(), cancellationToken),
        "nobodys-motion" => connection.SendRawMotionAsync(5, FaultMessages.Motion(connection, FaultMessages.NobodysRequest, 5).ToByteArray(), cancellationToken),
        _ => connection.SendAsync(connection.Confirmation(), cancellationToken),
    };
}
