using System.Text;
using Google.Protobuf;
using MotionGateway.V1;

namespace MotionGateway.Feeds;

/// <summary>
/// Encodes payloads, once, as the serialized response that every gRPC reader and every binary WebSocket is sent.
/// Media is written straight into the one array that the log keeps; events, which are rare, go through their messages.
/// </summary>
public static class PayloadEncoder
{
    /// <summary>Encodes a piece of speech.</summary>
    /// <param name="position">Epoch and sequence of the payload.</param>
    /// <param name="turnId">Turn that it belongs to.</param>
    /// <param name="firstSample">Place in the turn, in samples.</param>
    /// <param name="sampleCount">Samples on the session's timeline.</param>
    /// <param name="last">Whether it is the turn's last audio.</param>
    /// <param name="data">The samples, in the turn's encoding.</param>
    public static byte[] EncodeAudio(
        LogPosition position, string turnId, long firstSample, int sampleCount, bool last, ReadOnlySpan<byte> data) =>
        EncodeMedia(position, turnId, PayloadKind.Audio, firstSample, sampleCount, last, data);

    /// <summary>Encodes a piece of motion.</summary>
    /// <param name="position">Epoch and sequence of the payload.</param>
    /// <param name="turnId">Turn that it belongs to.</param>
    /// <param name="firstKeyframe">Place in the turn, in keyframes.</param>
    /// <param name="keyframeCount">Number of keyframes.</param>
    /// <param name="last">Whether it is the turn's last motion.</param>
    /// <param name="envelope">The Motion Server's message.</param>
    public static byte[] EncodeMotion(
        LogPosition position, string turnId, long firstKeyframe, int keyframeCount, bool last,
        ReadOnlySpan<byte> envelope) =>
        EncodeMedia(position, turnId, PayloadKind.Motion, firstKeyframe, keyframeCount, last, envelope);

    /// <summary>Encodes any payload.</summary>
    /// <param name="payload">The payload, with its epoch and sequence.</param>
    public static byte[] Encode(Payload payload) => new SubscribeResponse { Payload = payload }.ToByteArray();

    // Audio and Motion have the same shape: first = 1, count = 2, last = 3, bytes = 4.
    private static byte[] EncodeMedia(
        LogPosition position, string turnId, PayloadKind kind, long first, int count, bool last, ReadOnlySpan<byte> bytes)
    {
        int contentSize =
            IntegerSize(first) + IntegerSize(count) + (last ? 2 : 0) + (bytes.IsEmpty ? 0 : LengthDelimitedSize(bytes.Length));
        int turnIdSize = Encoding.UTF8.GetByteCount(turnId);
        int payloadSize =
            IntegerSize(position.Epoch) + IntegerSize(position.Sequence)
            + (turnIdSize == 0 ? 0 : LengthDelimitedSize(turnIdSize)) + LengthDelimitedSize(contentSize);
        var response = GC.AllocateUninitializedArray<byte>(LengthDelimitedSize(payloadSize));

        var writer = new FieldWriter(response);
        writer.WriteLength(PayloadHeader.PayloadField, payloadSize);
        writer.WriteInteger(1, position.Epoch);
        writer.WriteInteger(2, position.Sequence);
        writer.WriteText(3, turnId, turnIdSize);
        writer.WriteLength((int)kind, contentSize);
        writer.WriteInteger(1, first);
        writer.WriteInteger(2, count);
        writer.WriteInteger(3, last ? 1 : 0);
        writer.WriteBytes(4, bytes);
        return response;
    }

    // Every field number here is below 16: a tag is one byte. A zero is not written.
    private static int IntegerSize(long value) => value == 0 ? 0 : 1 + CodedOutputStream.ComputeInt64Size(value);

    private static int LengthDelimitedSize(int length) => 1 + CodedOutputStream.ComputeLengthSize(length) + length;

    private ref struct FieldWriter(Span<byte> target)
    {
        private Span<byte> _rest = target;

        public void WriteInteger(int field, long value)
        {
            if (value != 0)
            {
                WriteByte((byte)(field << 3));
                WriteVarint((ulong)value);
            }
        }

        public void WriteLength(int field, int length)
        {
            WriteByte((byte)((field << 3) | 2));
            WriteVarint((uint)length);
        }

        public void WriteText(int field, string text, int size)
        {
            if (size > 0)
            {
                WriteLength(field, size);
                _rest = _rest[Encoding.UTF8.GetBytes(text, _rest)..];
            }
        }

        public void WriteBytes(int field, ReadOnlySpan<byte> bytes)
        {
            if (!bytes.IsEmpty)
            {
                WriteLength(field, bytes.Length);
                bytes.CopyTo(_rest);
                _rest = _rest[bytes.Length..];
            }
        }

        private void WriteVarint(ulong value)
        {
            while (value >= 0x80)
            {
                WriteByte((byte)(value | 0x80));
                value >>= 7;
            }

            WriteByte((byte)value);
        }

        private void WriteByte(byte value)
        {
            _rest[0] = value;
            _rest = _rest[1..];
        }
    }
}
