using System.Net.WebSockets;
using Google.Protobuf;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer;

/// <summary>Agrees with the Motion Server on the session: one message each way. Anything else is a protocol error.</summary>
internal static class Handshake
{
    private const MotionServerPhase Phase = MotionServerPhase.WebSocketHandshake;

    /// <summary>Configures the session.</summary>
    /// <param name="socket">A WebSocket that was just opened.</param>
    /// <param name="assembler">Its reader.</param>
    /// <param name="options">What the connection is for.</param>
    /// <param name="secrets">Credentials that the server may repeat in an error.</param>
    /// <param name="cancellationToken">Aborts the WebSocket.</param>
    public static async Task<ServerConfirmSession> RunAsync(
        WebSocket socket, MessageAssembler assembler, MotionConnectionOptions options, string[] secrets, CancellationToken cancellationToken)
    {
        Message configure = new() { Type = MessageType.MessageClientConfigureSession, ClientConfigureSession = Configuration(options) };
        await socket.SendAsync(configure.ToByteArray(), WebSocketMessageType.Binary, endOfMessage: true, cancellationToken).ConfigureAwait(false);
        ReceivedKind kind = await assembler.ReceiveAsync(cancellationToken).ConfigureAwait(false);
        return kind switch
        {
            ReceivedKind.Binary => Read(assembler.Payload, secrets),
            ReceivedKind.Close => throw Failures.Closed(
                Phase, (int?)socket.CloseStatus, CredentialText.Redact(socket.CloseStatusDescription, secrets), connectionId: null),
            ReceivedKind.TooLarge => throw Failures.Protocol(Phase, "The Motion Server's first message is too large."),
            _ => throw Failures.Protocol(Phase, "The Motion Server's first message is text."),
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

    private static ServerConfirmSession Read(ReadOnlySpan<byte> payload, string[] secrets)
    {
        Message message;
        try
        {
            message = Message.Parser.ParseFrom(payload);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw Failures.Protocol(Phase, "The Motion Server's first message does not parse.", exception);
        }

        return (message.Type, message.DataCase) switch
        {
            (MessageType.MessageServerConfirmSession, Message.DataOneofCase.ServerConfirmSession) => message.ServerConfirmSession.ConnectionId.Length > 0
                ? message.ServerConfirmSession
                : throw Failures.Protocol(Phase, "The Motion Server confirmed the session without a connection id."),
            (MessageType.MessageServerError, Message.DataOneofCase.ServerError) =>
                throw Failures.FromServerError(Phase, message.ServerError, connectionId: null, secrets),
            _ => throw Failures.Protocol(Phase, $"The Motion Server's first message is of type {(int)message.Type} with content {message.DataCase}."),
        };
    }
}
