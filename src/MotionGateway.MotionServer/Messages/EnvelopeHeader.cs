using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer;

/// <summary>An envelope's type, and the field number of its content (0 for none).</summary>
internal readonly record struct EnvelopeHeader(MessageType Type, int Member)
{
    public bool IsAnimation =>
        Type == MessageType.MessageServerResponseAnimation && Member == Message.ServerResponseAnimationFieldNumber;

    public bool IsServerError => Type == MessageType.MessageServerError && Member == Message.ServerErrorFieldNumber;

    public bool IsPlaybackState =>
        Type == MessageType.MessageServerPlaybackState && Member == Message.ServerPlaybackStateFieldNumber;
}
