using System.Text;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer;

/// <summary>An envelope's type, and the field number of its content (0 for none).</summary>
internal readonly record struct EnvelopeHeader(MessageType Type, int Member)
{
    public bool IsAnimation => (Type, Member) is (MessageType.MessageServerResponseAnimation, Message.ServerResponseAnimationFieldNumber);

    public bool IsServerError => (Type, Member) is (MessageType.MessageServerError, Message.ServerErrorFieldNumber);

    public bool IsPlaybackState => (Type, Member) is (MessageType.MessageServerPlaybackState, Message.ServerPlaybackStateFieldNumber);
}

/// <summary>The header fields of an animation envelope and the number of its keyframes.</summary>
internal readonly record struct AnimationHeader(string ConnectionId, string RequestId, string AvatarId, bool End, int KeyframeCount);

/// <summary>Reads envelopes in place. Keeps the last ids of a connection, since one message after the other repeats them.</summary>
internal sealed class EnvelopeReader
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private string _connectionId = "";
    private string _requestId = "";
    private string _avatarId = "";

    /// <summary>Reads the kind, which is the type and the member of the oneof that is set; the last one set counts.</summary>
    /// <returns>False when the bytes are no protobuf message.</returns>
    public static bool TryRead(ReadOnlySpan<byte> envelope, out EnvelopeHeader header)
    {
        (ulong type, int member) = (0, 0);
        ProtoCursor cursor = new(envelope);
        while (cursor.Next())
        {
            type = cursor.IsNumber(Message.TypeFieldNumber) ? cursor.Number : type;
            member = cursor.WireType == ProtoCursor.LengthDelimited && cursor.Field is >= Message.ClientConfigureSessionFieldNumber and <= Message.ServerPlaybackStateFieldNumber
                ? cursor.Field
                : member;
        }

        header = new EnvelopeHeader((MessageType)(int)type, member);
        return !cursor.IsMalformed;
    }

    /// <summary>Reads the header fields of an animation; keyframes are counted by their tags and skipped by their lengths.</summary>
    /// <remarks>A member that occurs twice is merged, as protobuf demands: last values win, keyframes add up.</remarks>
    /// <returns>False when the bytes are malformed.</returns>
    public bool TryReadAnimation(ReadOnlySpan<byte> envelope, out AnimationHeader header)
    {
        header = new AnimationHeader("", "", "", false, 0);
        ProtoCursor cursor = new(envelope);
        try
        {
            while (cursor.Next())
            {
                if (cursor.IsContent(Message.ServerResponseAnimationFieldNumber) && !TryMerge(cursor.Content, ref header))
                {
                    return false;
                }
            }
        }
        catch (DecoderFallbackException)
        {
            return false;
        }

        return !cursor.IsMalformed;
    }

    private static bool TryCountKeyframes(ReadOnlySpan<byte> animation, out int count)
    {
        count = 0;
        ProtoCursor cursor = new(animation);
        while (cursor.Next())
        {
            count += cursor.IsContent(FlameAnimation.KeyframesFieldNumber) ? 1 : 0;
        }

        return !cursor.IsMalformed;
    }

    // Throws DecoderFallbackException where the bytes are not UTF-8.
    private static string Reuse(ref string last, ReadOnlySpan<byte> utf8) => Ascii.Equals(utf8, last) ? last : last = Strict.GetString(utf8);

    private bool TryMerge(ReadOnlySpan<byte> animation, ref AnimationHeader header)
    {
        ProtoCursor cursor = new(animation);
        int count = 0;
        bool isRead = true;
        while (isRead && cursor.Next())
        {
            header = (cursor.Field, cursor.WireType) switch
            {
                (ServerResponseAnimation.ConnectionIdFieldNumber, ProtoCursor.LengthDelimited) => header with { ConnectionId = Reuse(ref _connectionId, cursor.Content) },
                (ServerResponseAnimation.ReqIdFieldNumber, ProtoCursor.LengthDelimited) => header with { RequestId = Reuse(ref _requestId, cursor.Content) },
                (ServerResponseAnimation.AvatarIdFieldNumber, ProtoCursor.LengthDelimited) => header with { AvatarId = Reuse(ref _avatarId, cursor.Content) },
                (ServerResponseAnimation.EndFieldNumber, ProtoCursor.Varint) => header with { End = cursor.Number != 0 },
                _ => header,
            };
            if (cursor.IsContent(ServerResponseAnimation.AnimationFieldNumber))
            {
                isRead = TryCountKeyframes(cursor.Content, out count);
                header = header with { KeyframeCount = header.KeyframeCount + count };
            }
        }

        return isRead && !cursor.IsMalformed;
    }
}
