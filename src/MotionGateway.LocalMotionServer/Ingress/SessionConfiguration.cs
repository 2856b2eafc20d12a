using Google.Protobuf;
using MotionGateway.LocalMotion.Motion;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Ingress;

/// <summary>Reads a connection's first message.</summary>
internal static class SessionConfiguration
{
    /// <summary>The configured sample rate in hertz, or the error that the client is to be told.</summary>
    public static (int SampleRate, ServerError? Error) Read(ReceivedMessage received)
    {
        if (received.Kind == ReceivedKind.Text)
        {
            return Violation("unexpected message type: a text frame");
        }

        Message message;
        try
        {
            message = Message.Parser.ParseFrom(received.Payload.Span);
        }
        catch (InvalidProtocolBufferException)
        {
            return Violation("failed to unmarshal initial message");
        }

        if (message.Type != MessageType.MessageClientConfigureSession)
        {
            return Violation("expected ClientConfigureSession message");
        }

        return message.ClientConfigureSession is { } configuration ? Judge(configuration) : Violation("ClientConfigureSession message is nil");
    }

    private static (int SampleRate, ServerError? Error) Judge(ClientConfigureSession configuration)
    {
        if (configuration.EgressType != EgressType.EgressUnspecified)
        {
            return (0, Refusals.Error(Refusals.InvalidArgument, "egress is not supported here"));
        }

        if (configuration.AudioFormat != AudioFormat.PcmS16Le)
        {
            return (0, Refusals.Error(Refusals.InvalidArgument, "audio format is not supported here: send PCM_S16LE"));
        }

        return MotionTimeline.SampleRates.Contains(configuration.SampleRate)
            ? (configuration.SampleRate, null)
            : Violation(FormattableString.Invariant($"unsupported sample rate {configuration.SampleRate}"));
    }

    private static (int SampleRate, ServerError? Error) Violation(string text) => (0, Refusals.Error(Refusals.ProtocolViolation, text));
}
