using System.Text;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer;

/// <summary>The header fields of an animation envelope and the number of its keyframes, read in place.</summary>
internal readonly record struct AnimationHeader(string ConnectionId, string RequestId, string AvatarId, bool End, int KeyframeCount)
{
    /// <summary>Reads the header fields; keyframes are counted by their tags and skipped by their lengths.</summary>
    /// <remarks>A member that occurs twice is merged, as protobuf demands: last values win, keyframes add up.</remarks>
    /// <returns>False when the bytes are malformed.</returns>
    public static bool TryRead(ReadOnlySpan<byte> envelope, AnimationStrings strings, out AnimationHeader header)
    {
        header = new AnimationHeader("", "", "", false, 0);
        ProtoCursor cursor = new(envelope);
        try
        {
            while (cursor.Next())
            {
                if (cursor.IsContent(Message.ServerResponseAnimationFieldNumber) && !TryMerge(cursor.Content, strings, ref header))
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

    private static bool TryMerge(ReadOnlySpan<byte> animation, AnimationStrings strings, ref AnimationHeader header)
    {
        ProtoCursor cursor = new(animation);
        while (cursor.Next())
        {
            if (cursor.IsContent(ServerResponseAnimation.ConnectionIdFieldNumber))
            {
                header = header with { ConnectionId = strings.ConnectionId(cursor.Content) };
            }
            else if (cursor.IsContent(ServerResponseAnimation.ReqIdFieldNumber))
            {
                header = header with { RequestId = strings.RequestId(cursor.Content) };
            }
            else if (cursor.IsContent(ServerResponseAnimation.AvatarIdFieldNumber))
            {
                header = header with { AvatarId = strings.AvatarId(cursor.Content) };
            }
            else if (cursor.IsNumber(ServerResponseAnimation.EndFieldNumber))
            {
                header = header with { End = cursor.Number != 0 };
            }
            else if (cursor.IsContent(ServerResponseAnimation.AnimationFieldNumber))
            {
                if (!TryCountKeyframes(cursor.Content, out int count))
                {
                    return false;
                }

                header = header with { KeyframeCount = header.KeyframeCount + count };
            }
        }

        return !cursor.IsMalformed;
    }

    private static bool TryCountKeyframes(ReadOnlySpan<byte> animation, out int count)
    {
        count = 0;
        ProtoCursor cursor = new(animation);
        while (cursor.Next())
        {
            if (cursor.IsContent(FlameAnimation.KeyframesFieldNumber))
            {
                count++;
            }
        }

        return !cursor.IsMalformed;
    }
}
