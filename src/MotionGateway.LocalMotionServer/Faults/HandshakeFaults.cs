using Google.Protobuf;
using MotionGateway.LocalMotion.Ingress;
using MotionGateway.Messages.DrivenIngress.V2;
using static MotionGateway.LocalMotion.Faults.FaultPlan;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>What can come in place of the confirmation that the client waits for.</summary>
internal static class HandshakeFaults
{
    private const FaultPoint At = FaultPoint.Handshake;

    public static IEnumerable<FaultBehaviour> Behaviours =>
    [
        FaultBehaviour.Of("confirmation", "fault", ["without-id", "truncated", "too-long"], "The confirmation cannot be used, because it is {0}: 5 MiB are too long.", At,
            _ => Broken, fault => Sends(connection => Spoilt(connection, fault))),
        FaultBehaviour.Of("first-message", "kind", ["motion", "unknown-type", "empty", "garbage", "text"], "The first message is no confirmation: {0}.", At, _ => Broken, SendsFirst),
        FaultBehaviour.Of("confirmation-unknown-field", "The confirmation has a field that the protocol does not have.", At, FaultOutcome.Completed(),
            Sends(connection => FaultMessages.WithUnknownField(connection.Confirmation()), Aftermath.Confirmed)),
        FaultBehaviour.Of("confirmation-twice", "The confirmation comes twice.", At, FaultOutcome.Completed(),
            Sends(connection => connection.Confirmation().ToByteArray(), Aftermath.GoesOn)),
        FaultBehaviour.Of("confirmation-slow", "The confirmation comes late, by the server's FaultDelay.", At, FaultOutcome.Completed(), Acts(
            async (scene, cancellationToken) => await Task.Delay(scene.Connection.Options.FaultDelay, scene.Connection.Options.TimeProvider, cancellationToken),
            Aftermath.GoesOn)),
        FaultBehaviour.Of("no-confirmation", "There is no answer to the configuration.", At,
            FaultOutcome.Error(Verdict.ConnectionFailed, At) with { Session = SessionOutcome.AudioOnly }, Acts((_, _) => ValueTask.CompletedTask, Aftermath.Silent)),
    ];

    private static FaultOutcome Broken => FaultOutcome.Error(Verdict.ProtocolError, At);

    private static FaultPlan Sends(Func<IngressConnection, ReadOnlyMemory<byte>> message, Aftermath after = Aftermath.Silent) =>
        Acts((scene, cancellationToken) => scene.Connection.SendRawAsync(message(scene.Connection), cancellationToken), after);

    private static FaultPlan SendsFirst(string kind) => kind == "text"
        ? Acts((scene, cancellationToken) => scene.Connection.SendTextAsync(FaultMessages.Text, cancellationToken), Aftermath.Silent)
        : Sends(connection => kind switch
        {
            "motion" => FaultMessages.Motion(connection, FaultMessages.NobodysRequest, 1).ToByteArray(),
            "unknown-type" => FaultMessages.UnknownType().ToByteArray(),
            "empty" => default,
            _ => FaultMessages.Garbage,
        });

    private static ReadOnlyMemory<byte> Spoilt(IngressConnection connection, string fault)
    {
        Message confirmation = connection.Confirmation();
        switch (fault)
        {
            case "truncated":
                return FaultMessages.Truncated(confirmation);
            case "too-long":
                return FaultMessages.Oversize(confirmation);
            default:
                confirmation.ServerConfirmSession.ConnectionId = "";
                return confirmation.ToByteArray();
        }
    }
}
