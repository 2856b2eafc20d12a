using Google.Protobuf;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Ingress;

/// <summary>Reads the protocol's messages where bytes that are none are no failure.</summary>
internal static class MessageBytes
{
    /// <summary>The message, or null.</summary>
    public static Message? TryParse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Message.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            // What to make of it is the caller's matter.
            return null;
        }
    }
}
