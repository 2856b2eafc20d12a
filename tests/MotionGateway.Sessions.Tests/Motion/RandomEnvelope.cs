using Google.Protobuf;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.Sessions.Tests.Motion;

/// <summary>
/// Messages that hold an animation, in any form that protobuf allows: fields in any order, absent or repeated, submessages in
/// parts, unknown fields, known numbers with another wire type.
/// </summary>
internal sealed class RandomEnvelope(Random random)
{
    public byte[] Create()
    {
        List<byte[]> fields = [Field(6, Animation())];
        Sometimes(fields, 60, () => new Message { Type = MessageType.MessageServerResponseAnimation }.ToByteArray());
        Sometimes(fields, 15, () => Field(6, Animation()));
        Sometimes(fields, 10, () => Field(6, []));
        AddUnknown(fields, [6, 7, 100]);
        byte[] whole = Shuffle(fields);

        // Another member of the oneof ends what stands before it.
        return random.Next(5) == 0
            ? [.. Shuffle([Field(6, Animation()), Field(5, [])]), .. Field(5, [0x18, 4]), .. whole]
            : whole;
    }

    public static Flame CreateFlame(Random random) => new()
    {
        Translation = { random.NextSingle(), random.NextSingle(), random.NextSingle() },
        Expression = { Enumerable.Range(0, 20).Select(_ => random.NextSingle()) },
    };

    private byte[] Animation()
    {
        List<byte[]> fields = [];
        for (int part = random.Next(8) == 0 ? 2 : 1; part > 0; part--)
        {
            Sometimes(fields, 80, () => Field(4, Keyframes()));
            Sometimes(fields, 80, () => Field(1, "connection"u8));
            Sometimes(fields, 80, () => Field(2, "request"u8));
            Sometimes(fields, 50, () => [3 << 3, (byte)random.Next(3)]);
            Sometimes(fields, 50, () => Field(5, "avatar"u8));
        }

        AddUnknown(fields, [1, 4, 90]);
        return Shuffle(fields);
    }

    private byte[] Keyframes()
    {
        List<byte[]> fields = [];
        for (int i = random.Next(6); i > 0; i--)
        {
            List<byte[]> flame = [CreateFlame(random).ToByteArray()];
            AddUnknown(flame, [50]);
            fields.Add(Field(1, Shuffle(flame)));
        }

        AddUnknown(fields, [1, 80]);
        return Shuffle(fields);
    }

    // A known number among these is given with a wire type that its field does not have.
    private void AddUnknown(List<byte[]> fields, ReadOnlySpan<int> numbers)
    {
        foreach (int number in numbers)
        {
            Sometimes(fields, 30, () => random.Next(3) switch
            {
                0 => [.. Tag(number, 0), 0x80, 0x01],
                1 => [.. Tag(number, 1), 1, 2, 3, 4, 5, 6, 7, 8],
                _ => [.. Tag(number, 5), 1, 2, 3, 4],
            });
        }
    }

    private void Sometimes(List<byte[]> fields, int percent, Func<byte[]> create)
    {
        if (random.Next(100) < percent)
        {
            fields.Add(create());
        }
    }

    private byte[] Shuffle(List<byte[]> fields)
    {
        byte[][] order = [.. fields];
        random.Shuffle(order);
        return [.. order.SelectMany(field => field)];
    }

    private static byte[] Field(int number, ReadOnlySpan<byte> content) =>
        [.. Tag(number, 2), .. Varint((uint)content.Length), .. content];

    private static byte[] Tag(int number, uint wireType) => Varint(((uint)number << 3) | wireType);

    private static byte[] Varint(uint value)
    {
        var stream = new MemoryStream();
        using (var writer = new CodedOutputStream(stream, leaveOpen: true))
        {
            writer.WriteUInt32(value);
        }

        return stream.ToArray();
    }
}
