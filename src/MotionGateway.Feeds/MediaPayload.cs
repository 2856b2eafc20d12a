using System.Text;
using Google.Protobuf;

namespace MotionGateway.Feeds;

/// <summary>A piece of speech or motion, not yet encoded: it is written straight to where it stays.</summary>
/// <remarks><c>Audio</c> and <c>Motion</c> have the same shape: first = 1, count = 2, last = 3, bytes = 4. The bytes stand last.</remarks>
public readonly ref struct MediaPayload
{
    private readonly PayloadKind _kind;
    private readonly string _turnId;
    private readonly long _first;
    private readonly int _count;
    private readonly bool _last;
    private readonly ReadOnlySpan<byte> _data;
    private readonly int _turnIdSize;
    private readonly int _contentSize;
    private readonly int _payloadSize;

    private MediaPayload(
        PayloadKind kind, LogPosition position, string turnId, long first, int count, bool last, ReadOnlySpan<byte> data)
    {
        (_kind, Position, _turnId, _first, _count, _last) = (kind, position, turnId, first, count, last);
        _data = data;
        _turnIdSize = Encoding.UTF8.GetByteCount(turnId);
        _contentSize =
            IntegerSize(first) + IntegerSize(count) + (last ? 2 : 0) + (data.IsEmpty ? 0 : LengthDelimitedSize(data.Length));
        _payloadSize =
            IntegerSize(position.Epoch) + IntegerSize(position.Sequence)
            + (_turnIdSize == 0 ? 0 : LengthDelimitedSize(_turnIdSize)) + LengthDelimitedSize(_contentSize);
    }

    /// <summary>Epoch and sequence of the payload.</summary>
    public LogPosition Position { get; }

    /// <summary>Bytes of the serialized response.</summary>
    public int Size => LengthDelimitedSize(_payloadSize);

    /// <summary>A piece of speech.</summary>
    /// <param name="position">Epoch and sequence of the payload.</param>
    /// <param name="turnId">Turn that it belongs to.</param>
    /// <param name="firstSample">Place in the turn, in samples.</param>
    /// <param name="sampleCount">Samples on the session's timeline.</param>
    /// <param name="last">Whether it is the turn's last audio.</param>
    /// <param name="data">The samples, in the turn's encoding.</param>
    public static MediaPayload OfAudio(
        LogPosition position, string turnId, long firstSample, int sampleCount, bool last, ReadOnlySpan<byte> data) =>
        new(PayloadKind.Audio, position, turnId, firstSample, sampleCount, last, data);

    /// <summary>A piece of motion.</summary>
    /// <param name="position">Epoch and sequence of the payload.</param>
    /// <param name="turnId">Turn that it belongs to.</param>
    /// <param name="firstKeyframe">Place in the turn, in keyframes.</param>
    /// <param name="keyframeCount">Number of keyframes.</param>
    /// <param name="last">Whether it is the turn's last motion.</param>
    /// <param name="envelope">The Motion Server's message.</param>
    public static MediaPayload OfMotion(
        LogPosition position, string turnId, long firstKeyframe, int keyframeCount, bool last, ReadOnlySpan<byte> envelope) =>
        new(PayloadKind.Motion, position, turnId, firstKeyframe, keyframeCount, last, envelope);

    /// <summary>Writes the serialized response.</summary>
    /// <param name="target">Where: <see cref="Size"/> bytes.</param>
    public void Write(Span<byte> target)
    {
        var writer = new FieldWriter(target);
        writer.WriteLength(PayloadHeader.PayloadField, _payloadSize);
        writer.WriteInteger(1, Position.Epoch);
        writer.WriteInteger(2, Position.Sequence);
        writer.WriteText(3, _turnId, _turnIdSize);
        writer.WriteLength((int)_kind, _contentSize);
        writer.WriteInteger(1, _first);
        writer.WriteInteger(2, _count);
        writer.WriteInteger(3, _last ? 1 : 0);
        writer.WriteBytes(4, _data);
    }

    // Every field number here is below 16: a tag is one byte. A zero is not written.
    private static int IntegerSize(long value) => value == 0 ? 0 : 1 + CodedOutputStream.ComputeInt64Size(value);

    private static int LengthDelimitedSize(int length) => 1 + CodedOutputStream.ComputeLengthSize(length) + length;
}
