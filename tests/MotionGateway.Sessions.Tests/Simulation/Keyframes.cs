using System.IO.Hashing;
using Google.Protobuf;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.Sessions.Tests.Simulation;

/// <summary>Keyframes that tell what speech they were made from: each holds a fingerprint of it.</summary>
internal static class Keyframes
{
    /// <summary>The fingerprint of speech.</summary>
    /// <param name="speech">The speech of one keyframe.</param>
    /// <param name="salt">Makes the same speech give another keyframe; 0: it gives the same.</param>
    public static ulong Of(ReadOnlySpan<byte> speech, long salt = 0) => XxHash3.HashToUInt64(speech, salt);

    /// <summary>A message with keyframes, as the Motion Server sends it.</summary>
    public static byte[] Encode(string connectionId, string requestId, bool end, IEnumerable<ulong> keyframes)
    {
        var animation = new FlameAnimation();
        foreach (ulong keyframe in keyframes)
        {
            animation.Keyframes.Add(new Flame
            {
                Translation = { BitConverter.UInt32BitsToSingle((uint)keyframe), BitConverter.UInt32BitsToSingle((uint)(keyframe >> 32)) },
            });
        }

        return new Message
        {
            Type = MessageType.MessageServerResponseAnimation,
            ServerResponseAnimation = new ServerResponseAnimation
            {
                ConnectionId = connectionId,
                ReqId = requestId,
                End = end,
                Animation = animation,
            },
        }.ToByteArray();
    }

    /// <summary>What a message holds.</summary>
    public static ServerResponseAnimation Decode(ByteString envelope) => Message.Parser.ParseFrom(envelope).ServerResponseAnimation;

    /// <summary>The fingerprints in a message.</summary>
    public static IEnumerable<ulong> Read(ServerResponseAnimation animation) => animation.Animation.Keyframes.Select(keyframe =>
        BitConverter.SingleToUInt32Bits(keyframe.Translation[0]) | ((ulong)BitConverter.SingleToUInt32Bits(keyframe.Translation[1]) << 32));
}
