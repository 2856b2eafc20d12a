using Google.Protobuf;
using MotionGateway.LocalMotion.Ingress;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>Messages that no client should be sent.</summary>
internal static class FaultMessages
{
    /// <summary>A request that no client has made.</summary>
    public const string NobodysRequest = "nobodys-request";

    // Beyond what any known client takes in one message.
    private const int OversizeBytes = 5 * 1024 * 1024;
    private const int UnknownField = 15;

    /// <summary>No protobuf: wire type 7 does not exist.</summary>
    public static ReadOnlyMemory<byte> Garbage { get; } = new byte[] { 0x0F, 0xFF, 0xFF, 0xFF };

    /// <summary>A text frame's content.</summary>
    public static ReadOnlyMemory<byte> Text { get; } = "{\"notice\":\"text is no part of this protocol\"}"u8.ToArray();

    /// <summary>A type that this version of the protocol does not have.</summary>
    public static Message UnknownType() => new() { Type = (MessageType)99 };

    /// <summary>Motion as it goes over the wire.</summary>
    public static Message Envelope(ServerResponseAnimation motion) => new() { Type = MessageType.MessageServerResponseAnimation, ServerResponseAnimation = motion };

    /// <summary>A piece of motion.</summary>
    public static Message Motion(IngressConnection connection, string requestId, int keyframes) => new()
    {
        Type = MessageType.MessageServerResponseAnimation,
        ServerResponseAnimation = new ServerResponseAnimation
        {
            ConnectionId = connection.Id,
            ReqId = requestId,
            AvatarId = connection.AvatarId,
            Animation = new FlameAnimation { Keyframes = { Enumerable.Repeat(new Flame { Expression = { new float[100] } }, keyframes) } },
        },
    };

    /// <summary>The message without its last part, so that it does not parse.</summary>
    public static byte[] Truncated(IMessage message)
    {
        byte[] whole = message.ToByteArray();
        return whole[..^Math.Min(whole.Length - 1, 7)];
    }

    /// <summary>The message and a field behind it that this version of the protocol does not have.</summary>
    public static byte[] WithUnknownField(IMessage message) => WithUnknownField(message, 16);

    /// <summary>The same, with a field that makes it too large.</summary>
    public static byte[] Oversize(IMessage message) => WithUnknownField(message, OversizeBytes);

    private static byte[] WithUnknownField(IMessage message, int fieldBytes)
    {
        int size = message.CalculateSize();
        byte[] bytes = new byte[size + CodedOutputStream.ComputeTagSize(UnknownField) + CodedOutputStream.ComputeLengthSize(fieldBytes) + fieldBytes];
        using var output = new CodedOutputStream(bytes);
        message.WriteTo(output);
        output.WriteTag(UnknownField, WireFormat.WireType.LengthDelimited);
        // The field's content is what the array holds there: zeros.
        output.WriteLength(fieldBytes);
        output.Flush();
        return bytes;
    }
}
