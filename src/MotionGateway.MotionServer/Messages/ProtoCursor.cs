namespace MotionGateway.MotionServer;

/// <summary>Walks the fields of one serialized protobuf message without copying. Malformed bytes end the walk with <see cref="IsMalformed"/>.</summary>
internal ref struct ProtoCursor(ReadOnlySpan<byte> bytes)
{
    public const int Varint = 0;
    public const int LengthDelimited = 2;
    private const int Fixed64 = 1;
    private const int StartGroup = 3;
    private const int EndGroup = 4;
    private const int Fixed32 = 5;
    // As deep as the protobuf runtimes go.
    private const int DeepestGroup = 100;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;
    private int _contentStart;
    private int _contentLength;

    public bool IsMalformed { get; private set; }

    /// <summary>Number of the field that <see cref="Next"/> stopped at.</summary>
    public int Field { get; private set; }

    /// <summary>Wire type of that field.</summary>
    public int WireType { get; private set; }

    /// <summary>The field's value, when it is a varint.</summary>
    public ulong Number { get; private set; }

    /// <summary>The field's content, when it is length-delimited.</summary>
    public readonly ReadOnlySpan<byte> Content => _bytes.Slice(_contentStart, _contentLength);

    /// <summary>Whether the current field is a length-delimited one with this number.</summary>
    public readonly bool IsContent(int field) => Field == field && WireType == LengthDelimited;

    /// <summary>Whether the current field is a varint with this number.</summary>
    public readonly bool IsNumber(int field) => Field == field && WireType == Varint;

    /// <summary>Steps to the next field and past its value.</summary>
    /// <returns>False at the end and on malformed bytes.</returns>
    public bool Next()
    {
        if (IsMalformed || _position == _bytes.Length)
        {
            return false;
        }

        IsMalformed = !TryReadTag() || WireType == EndGroup || !TrySkipValue();
        return !IsMalformed;
    }

    private bool TryReadTag()
    {
        if (!TryReadVarint(out ulong tag) || tag > uint.MaxValue || tag >> 3 == 0)
        {
            return false;
        }

        (Field, WireType) = ((int)(tag >> 3), (int)(tag & 7));
        return true;
    }

    private bool TrySkipValue()
    {
        switch (WireType)
        {
            case Varint:
                bool isRead = TryReadVarint(out ulong number);
                Number = number;
                return isRead;
            case Fixed64:
                return TryAdvance(8);
            case Fixed32:
                return TryAdvance(4);
            case LengthDelimited:
                bool hasLength = TryReadVarint(out ulong length);
                (_contentStart, _contentLength) = (_position, (int)length);
                return hasLength && TryAdvance(length);
            default:
                return WireType == StartGroup && TrySkipGroup();
        }
    }

    // A group runs to its end tag; those inside it must close in order.
    private bool TrySkipGroup()
    {
        Span<int> open = stackalloc int[DeepestGroup];
        int group = Field;
        int depth = 0;
        open[depth++] = group;
        while (depth > 0)
        {
            if (!TryReadTag() || (WireType == StartGroup && depth == DeepestGroup))
            {
                return false;
            }

            if (WireType == StartGroup)
            {
                open[depth++] = Field;
            }
            else if (WireType == EndGroup ? open[--depth] != Field : !TrySkipValue())
            {
                return false;
            }
        }

        (Field, WireType) = (group, StartGroup);
        return true;
    }

    private bool TryAdvance(ulong count)
    {
        bool fits = count <= (ulong)(_bytes.Length - _position);
        _position += fits ? (int)count : 0;
        return fits;
    }

    private bool TryReadVarint(out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 70 && _position < _bytes.Length; shift += 7)
        {
            byte next = _bytes[_position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
