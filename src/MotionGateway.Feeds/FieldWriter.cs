using System.Text;

namespace MotionGateway.Feeds;

/// <summary>Writes the fields of one protobuf message into memory of the right size. Field numbers are below 16.</summary>
/// <param name="target">The memory.</param>
internal ref struct FieldWriter(Span<byte> target)
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
