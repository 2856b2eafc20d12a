using MotionGateway.LocalMotion.Egress;
using MotionGateway.LocalMotion.Motion;
using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.OggOpus;

namespace MotionGateway.LocalMotion.Ingress;

/// <summary>What a connection's first message asks for.</summary>
/// <param name="SampleRate">Hertz.</param>
/// <param name="IsOpus">Audio comes as Ogg Opus, not as PCM.</param>
/// <param name="Egress">Where to publish; null sends the motion back.</param>
internal sealed record SessionConfiguration(int SampleRate, bool IsOpus, EgressTarget? Egress)
{
    /// <summary>Reads the message: the configuration, or the error that the client is to be told.</summary>
    public static (SessionConfiguration? Configuration, ServerError? Error) Read(ReceivedMessage received, LocalMotionServerOptions options)
    {
        if (received.Kind == ReceivedKind.Text)
        {
            return Violation("unexpected message type: a text frame");
        }

        if (MessageBytes.TryParse(received.Payload.Span) is not { } message)
        {
            return Violation("failed to unmarshal initial message");
        }

        if (message.Type != MessageType.MessageClientConfigureSession)
        {
            return Violation("expected ClientConfigureSession message");
        }

        return message.ClientConfigureSession is { } configuration ? Judge(configuration, options) : Violation("ClientConfigureSession message is nil");
    }

    private static (SessionConfiguration? Configuration, ServerError? Error) Judge(ClientConfigureSession configuration, LocalMotionServerOptions options)
    {
        bool isOpus = configuration.AudioFormat == AudioFormat.OggOpus;
        if (!isOpus && configuration.AudioFormat != AudioFormat.PcmS16Le)
        {
            return (null, Refusals.Error(Refusals.InvalidArgument, FormattableString.Invariant($"audio format {(int)configuration.AudioFormat} is unknown")));
        }

        if (!(isOpus ? OpusSampleRates.Supported : MotionTimeline.SampleRates).Contains(configuration.SampleRate))
        {
            return Violation(FormattableString.Invariant($"unsupported sample rate {configuration.SampleRate}"));
        }

        if (configuration.EgressType == EgressType.EgressUnspecified)
        {
            return (new SessionConfiguration(configuration.SampleRate, isOpus, null), null);
        }

        (EgressTarget? target, ServerError? error) = EgressRules.Read(configuration, options);
        return error is null ? (new SessionConfiguration(configuration.SampleRate, isOpus, target), null) : (null, error);
    }

    private static (SessionConfiguration? Configuration, ServerError? Error) Violation(string text) => (null, Refusals.Error(Refusals.ProtocolViolation, text));
}
