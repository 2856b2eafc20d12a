using System.Buffers.Binary;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>WebSocket frames that a <c>WebSocket</c> would not send, in bytes (RFC 6455, section 5.2).</summary>
internal static class Frames
{
    private const byte Fin = 0x80;
    private const byte Rsv1 = 0x40;
    private const byte Continuation = 0x0;
    private const byte Binary = 0x2;
    private const byte ReservedOpcode = 0x3;
    private const byte CloseOpcode = 0x8;
    private const byte Ping = 0x9;
    private const byte MaskBit = 0x80;

    // What a control frame may hold is one byte less.
    private const int TooLongForControl = 126;
    private const int FragmentBytes = 100;

    /// <summary>Has the bit of a compression that nobody has agreed to.</summary>
    public static byte[] Compressed(byte[] payload) => Whole(Fin | Rsv1 | Binary, payload);

    public static byte[] OfReservedOpcode(byte[] payload) => Whole(Fin | ReservedOpcode, payload);

    public static byte[] LongPing() => Whole(Fin | Ping, new byte[TooLongForControl]);

    /// <summary>Goes on with a message that has not begun.</summary>
    public static byte[] StrayContinuation(byte[] payload) => Whole(Fin | Continuation, payload);

    /// <summary>Is masked, as only a client's frames are.</summary>
    public static byte[] Masked(byte[] payload)
    {
        byte[] header = Header(Fin | Binary, payload.Length);
        header[1] |= MaskBit;
        byte[] key = [0x12, 0x34, 0x56, 0x78];
        return [.. header, .. key, .. payload.Select((value, i) => (byte)(value ^ key[i % key.Length]))];
    }

    /// <summary>A header, and half of what it announces.</summary>
    public static byte[] Half(byte[] payload) => [.. Header(Fin | Binary, payload.Length), .. payload.AsSpan(0, payload.Length / 2)];

    /// <summary>The whole message in frames: the first, in each place between two of them a ping, and now and then one without content.</summary>
    public static byte[] Fragmented(byte[] payload)
    {
        List<byte> frames = [.. Whole(Binary, [])];
        foreach (byte[] fragment in payload.Chunk(FragmentBytes))
        {
            frames.AddRange(Whole(Continuation, fragment));
            frames.AddRange(Whole(Fin | Ping, "still here"u8.ToArray()));
            frames.AddRange(Whole(Continuation, []));
        }

        frames.AddRange(Whole(Fin | Continuation, []));
        return [.. frames];
    }

    public static byte[] Pings(int count) => [.. Enumerable.Repeat(Whole(Fin | Ping, "ping"u8.ToArray()), count).SelectMany(ping => ping)];

    /// <summary>A close frame that cannot be read: a reason that is no UTF-8, half a code, or a code that is never sent (section 7.4.1).</summary>
    public static byte[] Close(string fault) => fault switch
    {
        "no-utf8" => Whole(Fin | CloseOpcode, [.. Code(4503), 0xC3, 0x28]),
        "one-byte" => Whole(Fin | CloseOpcode, [0x11]),
        _ => Whole(Fin | CloseOpcode, Code(1006)),
    };

    private static byte[] Code(ushort code)
    {
        byte[] bytes = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, code);
        return bytes;
    }

    private static byte[] Whole(int first, byte[] payload) => [.. Header(first, payload.Length), .. payload];

    private static byte[] Header(int first, int length)
    {
        byte[] header = length switch { < 126 => new byte[2], <= ushort.MaxValue => new byte[4], _ => new byte[10] };
        header[0] = (byte)first;
        switch (header.Length)
        {
            case 2:
                header[1] = (byte)length;
                break;
            case 4:
                header[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)length);
                break;
            default:
                header[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(2), (ulong)length);
                break;
        }

        return header;
    }
}
