using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer.Tests.Scripted;

/// <summary>A server's WebSocket frames (RFC 6455, section 5.2), unmasked and of up to 64 KiB.</summary>
internal static class ScriptedFrames
{
    public static byte[] Confirm(string connectionId) => Binary(new Message
    {
        Type = MessageType.MessageServerConfirmSession,
        ServerConfirmSession = new ServerConfirmSession { ConnectionId = connectionId },
    });

    public static byte[] Binary(Message message) => Frame(0x2, message.ToByteArray());

    public static byte[] Text(string text) => Frame(0x1, Encoding.UTF8.GetBytes(text));

    public static byte[] Ping() => Frame(0x9, []);

    public static byte[] Close(ushort code, string reason)
    {
        byte[] number = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(number, code);
        return Frame(0x8, [.. number, .. Encoding.UTF8.GetBytes(reason)]);
    }

    /// <summary>A close that gives neither a code nor a reason.</summary>
    public static byte[] EmptyClose() => Frame(0x8, []);

    private static byte[] Frame(byte opcode, byte[] payload)
    {
        byte first = (byte)(0x80 | opcode);
        return payload.Length < 126
            ? [first, (byte)payload.Length, .. payload]
            : [first, 126, (byte)(payload.Length >> 8), (byte)payload.Length, .. payload];
    }
}
