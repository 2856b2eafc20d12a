namespace MotionGateway.Feeds;

/// <summary>
/// Walks the fields of one serialized protobuf message in place. Groups, which proto3 does not have, count as malformed.
/// </summary>
/// <param name="message">The serialized message.</param>
public ref struct FieldReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    /// <summary>Bytes that have not been read.</summary>
    public readonly int Remaining => _rest.Length;

    /// <summary>Whether the whole message has been read. A walk that stops before has met malformed bytes.</summary>
    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>Reads the tag of the next field: its number times eight plus its wire type.</summary>
    /// <returns>False at the end and where no tag stands.</returns>
    public bool TryReadTag(out uint tag)
    {
        tag = 0;
        var before = _rest;
        if (_rest.IsEmpty || !TryReadVarint(out long value) || value is <= 7 or > uint.MaxValue)
        {
            // A tag that is none must not pass for the end of the message.
            _rest = before;
            return false;
        }

        tag = (uint)value;
        return true;
    }

    /// <summary>Reads the value of a field of wire type 0.</summary>
    public bool TryReadVarint(out long value)
    {
        ulong result = 0;
        for (int i = 0; i < _rest.Length && i < 10; i++)
        {
            byte b = _rest[i];
            result |= (ulong)(b & 0x7F) << (7 * i);
            if (b < 0x80)
            {
                _rest = _rest[(i + 1)..];
                value = (long)result;
                return true;
            }
        }

        value = 0;
        return false;
    }

    /// <summary>Reads the value of a field of wire type 2.</summary>
    public bool TryReadBytes(out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (!TryReadVarint(out long length) || length < 0 || length > _rest.Length)
        {
            return false;
        }

        bytes = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return true;
    }

    /// <summary>Passes over the value of a field.</summary>
    /// <param name="tag">The field's tag.</param>
    public bool TrySkip(uint tag) => (tag & 7) switch
    {
        0 => TryReadVarint(out _),
        1 => TryAdvance(8),
        2 => TryReadBytes(out _),
        5 => TryAdvance(4),
        _ => false,
    };

    private bool TryAdvance(int count)
    {
        if (_rest.Length < count)
        {
            return false;
        }

        _rest = _rest[count..];
        return true;
    }
}
