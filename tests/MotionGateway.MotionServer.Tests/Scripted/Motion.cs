using Google.Protobuf;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer.Tests.Scripted;

/// <summary>Makes motion for scripts.</summary>
internal static class Motion
{
    public static Message Of(string requestId, int keyframes, bool end = false, string avatarId = "")
    {
        FlameAnimation animation = new();
        for (int i = 0; i < keyframes; i++)
        {
            animation.Keyframes.Add(new Flame { Translation = { 1, 2, i }, Expression = { Enumerable.Repeat(0.5f, 100) } });
        }

        return new Message
        {
            Type = MessageType.MessageServerResponseAnimation,
            ServerResponseAnimation = new ServerResponseAnimation
            {
                ConnectionId = ScriptedServer.ConnectionId,
                ReqId = requestId,
                End = end,
                Animation = animation,
                AvatarId = avatarId,
            },
        };
    }

    /// <summary>A serialized message with fields that this version does not know, at every level.</summary>
    public static byte[] WithUnknownFields(Message message)
    {
        byte[] animation = [.. message.ServerResponseAnimation.ToByteArray(), .. UnknownText(99, "inner"), .. UnknownGroup(98)];
        using MemoryStream stream = new();
        using (CodedOutputStream output = new(stream, leaveOpen: true))
        {
            output.WriteTag(Message.TypeFieldNumber, WireFormat.WireType.Varint);
            output.WriteEnum((int)message.Type);
            output.WriteTag(Message.ServerResponseAnimationFieldNumber, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(animation));
        }

        return [.. stream.ToArray(), .. UnknownText(77, "outer")];
    }

    private static byte[] UnknownText(int field, string text)
    {
        using MemoryStream stream = new();
        using (CodedOutputStream output = new(stream, leaveOpen: true))
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteString(text);
        }

        return stream.ToArray();
    }

    private static byte[] UnknownGroup(int field)
    {
        using MemoryStream stream = new();
        using (CodedOutputStream output = new(stream, leaveOpen: true))
        {
            output.WriteTag(field, WireFormat.WireType.StartGroup);
            output.WriteTag(1, WireFormat.WireType.Fixed32);
            output.WriteFixed32(7);
            output.WriteTag(2, WireFormat.WireType.StartGroup);
            output.WriteTag(2, WireFormat.WireType.EndGroup);
            output.WriteTag(field, WireFormat.WireType.EndGroup);
        }

        return stream.ToArray();
    }
}
