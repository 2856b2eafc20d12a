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

    public bool IsMalformed { get; private set; }

    /// <summary>Number of the field that <see cref="Next"/> stopped at.</summary>
    public int Field { get; private set; }

    /// <summary>Wire type of that field.</summary>
    public int WireType { get; private set; }

    /// <summary>The field's value, when it is a varint.</summary>
    public ulong Number { get; private set; }

    /// <summary>Where the field's content begins, when it is length-delimited.</summary>
    public int ContentStart { get; private set; }

    /// <summary>Bytes of the field's content, when it is length-delimited.</summary>
    public int ContentLength { get; private set; }

    /// <summary>The field's content, when it is length-delimited.</summary>
    public readonly ReadOnlySpan<byte> Content => _bytes.Slice(ContentStart, ContentLength);

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

        if (!TryReadTag() || WireType == EndGroup || !TrySkipValue())
        {
            IsMalformed = true;
            return false;
        }

        return true;
    }

    private bool TryReadTag()
    {
        if (!TryReadVarint(out ulong tag) || tag > uint.MaxValue || tag >> 3 == 0)
        {
            return false;
        }

        Field = (int)(tag >> 3);
        WireType = (int)(tag & 7);
        return true;
    }

    private bool TrySkipValue()
    {
        switch (WireType)
        {
            case Varint:
                bool read = TryReadVarint(out ulong number);
                Number = number;
                return read;
            case Fixed64:
                return TryAdvance(8);
            case Fixed32:
                return TryAdvance(4);
            case LengthDelimited:
                if (!TryReadVarint(out ulong length) || length > (ulong)(_bytes.Length - _position))
                {
                    return false;
                }

                ContentStart = _position;
                ContentLength = (int)length;
                return TryAdvance((int)length);
            case StartGroup:
                return TrySkipGroup();
            default:
                return false;
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
            if (!TryReadTag())
            {
                return false;
            }

            if (WireType == StartGroup)
            {
                if (depth == DeepestGroup)
                {
                    return false;
                }

                open[depth++] = Field;
            }
            else if (WireType == EndGroup)
            {
                if (open[--depth] != Field)
                {
                    return false;
                }
            }
            else if (!TrySkipValue())
            {
                return false;
            }
        }

        Field = group;
        WireType = StartGroup;
        return true;
    }

    private bool TryAdvance(int count)
    {
        if (count > _bytes.Length - _position)
        {
            return false;
        }

        _position += count;
        return true;
    }

    private bool TryReadVarint(out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (_position == _bytes.Length)
            {
                return false;
            }

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
