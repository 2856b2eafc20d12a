using System.Net.WebSockets;
using Google.Protobuf;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer;

/// <summary>Agrees with the Motion Server on the session: one message each way. Anything else is a protocol error.</summary>
internal static class Handshake
{
    private const MotionServerPhase Phase = MotionServerPhase.WebSocketHandshake;

    /// <summary>Configures the session on a WebSocket that was just opened; cancelling aborts that.</summary>
    public static async Task<ServerConfirmSession> RunAsync(
        WebSocket socket, MessageAssembler assembler, ConnectionContext context, CancellationToken cancellationToken)
    {
        Message configure = new() { Type = MessageType.MessageClientConfigureSession, ClientConfigureSession = Configuration(context.Connection) };
        await socket.SendAsync(configure.ToByteArray(), WebSocketMessageType.Binary, endOfMessage: true, cancellationToken).ConfigureAwait(false);
        ReceivedKind kind = await assembler.ReceiveAsync(cancellationToken).ConfigureAwait(false);
        Message answer = kind switch
        {
            ReceivedKind.Binary => Parse(assembler.Payload),
            ReceivedKind.Close => throw Failures.Closed(Phase, assembler.CloseCode, context.Secrets.Mask(assembler.CloseReason), connectionId: null),
            _ => throw Failures.Protocol(Phase, $"The Motion Server's first message is {(kind == ReceivedKind.Text ? "text" : "too large")}."),
        };
        return (answer.Type, answer.DataCase) switch
        {
            (MessageType.MessageServerConfirmSession, Message.DataOneofCase.ServerConfirmSession) when answer.ServerConfirmSession.ConnectionId.Length > 0 =>
                answer.ServerConfirmSession,
            (MessageType.MessageServerConfirmSession, Message.DataOneofCase.ServerConfirmSession) =>
                throw Failures.Protocol(Phase, "The Motion Server confirmed the session without a connection id."),
            (MessageType.MessageServerError, Message.DataOneofCase.ServerError) => throw await WithCloseAsync(
                Failures.FromServerError(Phase, answer.ServerError, connectionId: null, context.Secrets), assembler, context, cancellationToken).ConfigureAwait(false),
            _ => throw Failures.Protocol(Phase, $"The Motion Server's first message is of type {(int)answer.Type} with content {answer.DataCase}."),
        };
    }

    private static ClientConfigureSession Configuration(MotionConnectionOptions options)
    {
        ClientConfigureSession configuration = new()
        {
            SampleRate = options.Audio.SampleRate,
            Bitrate = options.Audio.Bitrate,
            AudioFormat = options.Audio.Codec == MotionAudioCodec.OggOpus ? AudioFormat.OggOpus : AudioFormat.PcmS16Le,
            ExtraParams = { options.ExtraParameters.ToDictionary() },
        };
        options.Egress?.WriteTo(configuration);
        return configuration;
    }

    private static Message Parse(ReadOnlySpan<byte> payload)
    {
        try
        {
            return Message.Parser.ParseFrom(payload);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw Failures.Protocol(Phase, "The Motion Server's first message does not parse.", exception);
        }
    }

    // The close that comes of a report tells more. One that does not come leaves the report as it is; nothing else counts after it.
    private static async Task<MotionServerException> WithCloseAsync(
        MotionServerException report, MessageAssembler assembler, ConnectionContext context, CancellationToken cancellationToken)
    {
        using CancellationTokenSource moment = new(ReportHold.Moment, context.Time);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(moment.Token, cancellationToken);
        try
        {
            ReceivedKind next;
            do
            {
                next = await assembler.ReceiveAsync(limit.Token).ConfigureAwait(false);
            }
            while (next != ReceivedKind.Close);

            return Failures.WithClose(report, assembler.CloseCode, context.Secrets.Mask(assembler.CloseReason));
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            return report;
        }
    }
}
