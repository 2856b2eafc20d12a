using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer;

/// <summary>Reads an envelope's kind in place.</summary>
internal static class EnvelopeReader
{
    /// <summary>Reads the kind, which is the type and the member of the oneof that is set; the last one set counts.</summary>
    /// <returns>False when the bytes are no protobuf message.</returns>
    public static bool TryRead(ReadOnlySpan<byte> envelope, out EnvelopeHeader header)
    {
        ulong type = 0;
        int member = 0;
        ProtoCursor cursor = new(envelope);
        while (cursor.Next())
        {
            if (cursor.IsNumber(Message.TypeFieldNumber))
            {
                type = cursor.Number;
            }
            else if (cursor.WireType == ProtoCursor.LengthDelimited
                && cursor.Field is >= Message.ClientConfigureSessionFieldNumber and <= Message.ServerPlaybackStateFieldNumber)
            {
                member = cursor.Field;
            }
        }

        header = new EnvelopeHeader((MessageType)(int)type, member);
        return !cursor.IsMalformed;
    }
}
