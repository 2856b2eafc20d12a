using Google.Protobuf;
using MotionGateway.LocalMotion.Ingress;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>What can come in place of the confirmation that the client waits for.</summary>
internal static class HandshakeFaults
{
    public static IReadOnlyList<FaultFamily> Families { get; } =
    [
        new("fault-handshake-error-{reason}", "The configuration is answered by ServerError and a close.", [.. ErrorReply.All.Select(Refused)]),
        new("fault-handshake-close-{code}", "The configuration is answered by a close.", [.. CloseReply.All.Select(Closed)]),
        new("fault-handshake-{answer}", "The configuration is answered by something else, late or not at all.",
        [
            Sends("no-id", "The confirmation has no connection id.", connection => Edited(connection, confirm => confirm.ConnectionId = "").ToByteArray()),
            Sends("motion", "The first message is motion.", connection => FaultMessages.Motion(connection, FaultMessages.NobodysRequest, 1).ToByteArray()),
            Sends("unknown-type", "The first message is of a type that the protocol does not have.", _ => FaultMessages.UnknownType().ToByteArray()),
            Sends("empty", "The first message has no bytes.", _ => default),
            Sends("garbage", "The first message is no protobuf.", _ => FaultMessages.Garbage),
            Sends("truncated", "The confirmation is cut before its end.", connection => FaultMessages.Truncated(connection.Confirmation())),
            Sends("oversize", "The confirmation has 5 MiB.", connection => FaultMessages.Oversize(connection.Confirmation())),
            Fault.Handshake("handshake-text", "The first message is a text frame.", Error(Verdict.ProtocolError), async (connection, cancellationToken) =>
            {
                await connection.SendTextAsync(FaultMessages.Text, cancellationToken);
                return HandshakeResult.NoSession;
            }),
            Fault.Handshake("handshake-unknown-field", "The confirmation has a field that the protocol does not have.", FaultOutcome.Recovered(), async (connection, cancellationToken) =>
            {
                await connection.SendRawAsync(FaultMessages.WithUnknownField(connection.Confirmation()), cancellationToken);
                return HandshakeResult.Confirmed;
            }),
            Fault.Handshake("handshake-twice", "The confirmation comes twice.", FaultOutcome.Recovered(), async (connection, cancellationToken) =>
            {
                await connection.SendAsync(connection.Confirmation(), cancellationToken);
                return HandshakeResult.Unconfirmed;
            }),
            Fault.Handshake("handshake-slow", "The confirmation comes late, within the server's FaultDelay.", FaultOutcome.Recovered(), async (connection, cancellationToken) =>
            {
                await Task.Delay(connection.Options.FaultDelay, connection.Options.TimeProvider, cancellationToken);
                return HandshakeResult.Unconfirmed;
            }),
            Fault.Handshake("handshake-hang", "There is no answer.", Error(Verdict.ConnectionFailed), (_, _) => new ValueTask<HandshakeResult>(HandshakeResult.NoSession)),
            Fault.Handshake("handshake-reset", "The TCP connection is cut instead of an answer.", Error(Verdict.ConnectionFailed), async (connection, _) =>
            {
                await connection.CutAsync();
                return HandshakeResult.NoSession;
            }),
        ]),
    ];

    private static FaultOutcome Error(Verdict verdict) => FaultOutcome.Error(verdict, FaultPhase.Handshake);

    private static Fault Refused(ErrorReply reply) => Fault.Handshake(
        $"handshake-error-{reply.Slug}",
        FormattableString.Invariant($"The answer is ServerError {reply.Code} \"{reply.Text}\" and close {reply.CloseCode}."),
        Error(reply.Verdict),
        Ends(reply.Ending()));

    private static Fault Closed(CloseReply reply) => Fault.Handshake(
        $"handshake-close-{reply.Slug}",
        $"The answer is {reply.Words}.",
        Error(reply.Verdict),
        Ends(reply.Ending));

    internal static HandshakeFault Ends(Ending ending) => async (connection, _) =>
    {
        await connection.EndAsync(ending);
        return HandshakeResult.NoSession;
    };

    private static Fault Sends(string name, string description, Func<IngressConnection, ReadOnlyMemory<byte>> message) =>
        Fault.Handshake($"handshake-{name}", description, Error(Verdict.ProtocolError), async (connection, cancellationToken) =>
        {
            await connection.SendRawAsync(message(connection), cancellationToken);
            return HandshakeResult.NoSession;
        });

    private static Message Edited(IngressConnection connection, Action<ServerConfirmSession> edit)
    {
        Message confirmation = connection.Confirmation();
        edit(confirmation.ServerConfirmSession);
        return confirmation;
    }
}
