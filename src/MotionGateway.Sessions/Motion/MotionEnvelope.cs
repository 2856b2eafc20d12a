using System.Buffers;
using System.IO.Hashing;
using MotionGateway.Feeds;

namespace MotionGateway.Sessions;

/// <summary>
/// Work on one message of the Motion Server that holds an animation, as bytes: no float is parsed, and what is not asked for
/// stays as it came, unknown fields included.
/// </summary>
/// <remarks>
/// A submessage that stands several times counts as all of them together, and of a oneof the last member counts, as protobuf
/// has it.
/// </remarks>
internal static class MotionEnvelope
{
    private const uint LengthDelimited = 2;

    /// <summary>Tags from a message down to its keyframes: the animation's message, the animation, a keyframe.</summary>
    private static readonly uint[] Path = [(6 << 3) | LengthDelimited, (4 << 3) | LengthDelimited, (1 << 3) | LengthDelimited];

    /// <summary>Takes a fingerprint of each keyframe: where two are the same bytes, both have the same.</summary>
    /// <param name="envelope">The serialized <c>Message</c>.</param>
    /// <param name="hashes">Gets one more for each keyframe, in order; unchanged when the bytes are malformed.</param>
    /// <returns>False when the bytes are malformed, or hold no animation.</returns>
    public static bool TryHashKeyframes(ReadOnlySpan<byte> envelope, List<ulong> hashes)
    {
        int before = hashes.Count;
        if (TryLocate(envelope, out int first) && TryHash(envelope, level: 0, first, hashes))
        {
            return true;
        }

        hashes.RemoveRange(before, hashes.Count - before);
        return false;
    }

    /// <summary>Makes the message one of another request, or a part of it.</summary>
    /// <param name="envelope">The serialized <c>Message</c>; one that <see cref="TryHashKeyframes"/> takes.</param>
    /// <param name="connectionId">The <c>connection_id</c> that it gets.</param>
    /// <param name="requestId">The <c>req_id</c> that it gets.</param>
    /// <param name="end">The <c>end</c> that it gets.</param>
    /// <param name="skip">Number of keyframes that are cut off at the beginning.</param>
    /// <param name="take">Number of keyframes that are kept after those, at the most.</param>
    /// <exception cref="ArgumentException">The bytes are malformed, or hold no animation.</exception>
    public static byte[] Rewrite(
        ReadOnlySpan<byte> envelope, string connectionId, string requestId, bool end, int skip, int take)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(skip);
        ArgumentOutOfRangeException.ThrowIfNegative(take);
        var output = new ArrayBufferWriter<byte>(envelope.Length + 256);
        var rewriting = new EnvelopeRewriting(Path, connectionId, requestId, end, skip, take);
        return TryLocate(envelope, out int first) && rewriting.TryRewrite(envelope, level: 0, first, output)
            ? output.WrittenSpan.ToArray()
            : throw new ArgumentException("The message is malformed, or holds no animation.", nameof(envelope));
    }

    // Where the first field begins that makes up the animation's message. One that stands before another member of the oneof is
    // gone with that.
    private static bool TryLocate(ReadOnlySpan<byte> message, out int first)
    {
        first = -1;
        var fields = new FieldReader(message);
        for (int start = 0; fields.TryReadTag(out uint tag); start = message.Length - fields.Remaining)
        {
            if (tag == Path[0])
            {
                first = first < 0 ? start : first;
            }
            else if ((tag & 7) == LengthDelimited && (tag >> 3) is (>= 2 and <= 5) or (>= 8 and <= 11))
            {
                first = -1;
            }

            if (!fields.TrySkip(tag))
            {
                return false;
            }
        }

        return fields.IsAtEnd && first >= 0;
    }

    private static bool TryHash(ReadOnlySpan<byte> message, int level, int first, List<ulong> hashes)
    {
        var fields = new FieldReader(message);
        for (int start = 0; fields.TryReadTag(out uint tag); start = message.Length - fields.Remaining)
        {
            if (tag != Path[level] || start < first)
            {
                if (!fields.TrySkip(tag))
                {
                    return false;
                }
            }
            else if (!fields.TryReadBytes(out var content))
            {
                return false;
            }
            else if (level == Path.Length - 1)
            {
                hashes.Add(XxHash3.HashToUInt64(content));
            }
            else if (!TryHash(content, level + 1, first: 0, hashes))
            {
                return false;
            }
        }

        return fields.IsAtEnd;
    }
}
