using System.Buffers;
using System.Text;
using MotionGateway.Feeds;

namespace MotionGateway.Sessions;

/// <summary>
/// One rewriting of an envelope, for one use: what has been written and counted goes on across submessages that come in
/// several parts.
/// </summary>
/// <param name="path">Tags from a message down to its keyframes, all below 128.</param>
/// <param name="connectionId">The <c>connection_id</c> that the animation's message gets.</param>
/// <param name="requestId">The <c>req_id</c> that it gets.</param>
/// <param name="end">The <c>end</c> that it gets; false is not written.</param>
/// <param name="skip">Number of keyframes that are cut off at the beginning.</param>
/// <param name="take">Number of keyframes that are kept after those, at the most.</param>
internal sealed class EnvelopeRewriting(uint[] path, string connectionId, string requestId, bool end, int skip, int take)
{
    private const uint ConnectionIdTag = (1 << 3) | 2;
    private const uint RequestIdTag = (2 << 3) | 2;
    private const uint EndTag = 3 << 3;

    // Fields of the animation's message that have not been written yet.
    private readonly List<uint> _pending = end ? [ConnectionIdTag, RequestIdTag, EndTag] : [ConnectionIdTag, RequestIdTag];
    private int _keyframes;

    /// <summary>Copies a message with the changes.</summary>
    /// <param name="message">The serialized message.</param>
    /// <param name="level">How far down the path it stands; 0 for the envelope.</param>
    /// <param name="first">Where the first field begins that leads down the path: what stands before is only copied.</param>
    /// <param name="output">Gets the message.</param>
    /// <returns>False when the bytes are malformed.</returns>
    public bool TryRewrite(ReadOnlySpan<byte> message, int level, int first, ArrayBufferWriter<byte> output)
    {
        var fields = new FieldReader(message);
        for (int start = 0; fields.TryReadTag(out uint tag); start = message.Length - fields.Remaining)
        {
            bool isOnPath = tag == path[level] && start >= first;
            if (isOnPath && level < path.Length - 1)
            {
                var inner = new ArrayBufferWriter<byte>(fields.Remaining + 256);
                if (!fields.TryReadBytes(out var content) || !TryRewrite(content, level + 1, first: 0, inner))
                {
                    return false;
                }

                if (level == 0)
                {
                    // What comes again in a later part is left out there.
                    _pending.ForEach(field => Write(field, inner));
                    _pending.Clear();
                }

                WriteBytes(tag, inner.WrittenSpan, output);
            }
            else if (!fields.TrySkip(tag))
            {
                return false;
            }
            else if (level == 1 && tag is ConnectionIdTag or RequestIdTag or EndTag)
            {
                if (_pending.Remove(tag))
                {
                    Write(tag, output);
                }
            }
            else if (!isOnPath || IsKept(_keyframes++))
            {
                output.Write(message[start..^fields.Remaining]);
            }
        }

        return fields.IsAtEnd;
    }

    private bool IsKept(int keyframe) => keyframe >= skip && keyframe - skip < take;

    private void Write(uint tag, ArrayBufferWriter<byte> output)
    {
        if (tag == EndTag)
        {
            WriteByte((byte)tag, output);
            WriteByte(1, output);
        }
        else
        {
            WriteBytes(tag, Encoding.UTF8.GetBytes(tag == ConnectionIdTag ? connectionId : requestId), output);
        }
    }

    private static void WriteBytes(uint tag, ReadOnlySpan<byte> bytes, ArrayBufferWriter<byte> output)
    {
        WriteByte((byte)tag, output);
        uint length = (uint)bytes.Length;
        for (; length >= 0x80; length >>= 7)
        {
            WriteByte((byte)(length | 0x80), output);
        }

        WriteByte((byte)length, output);
        output.Write(bytes);
    }

    private static void WriteByte(byte value, ArrayBufferWriter<byte> output)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }
}
