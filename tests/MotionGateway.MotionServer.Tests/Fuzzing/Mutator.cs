using System.Buffers.Binary;

namespace MotionGateway.MotionServer.Tests.Fuzzing;

/// <summary>Spoils bytes in the ways in which peers, networks and attackers do.</summary>
internal sealed class Mutator(Random random)
{
    private static readonly byte[] Interesting = [0x00, 0x01, 0x07, 0x0B, 0x0C, 0x0F, 0x7F, 0x80, 0xC0, 0xED, 0xFE, 0xFF];

    /// <summary>A spoiled copy; now and then one that is whole.</summary>
    public byte[] Mutate(byte[] seed)
    {
        List<byte> bytes = [.. seed];
        for (int count = random.Next(5); count > 0; count--)
        {
            Apply(bytes, seed);
        }

        return [.. bytes];
    }

    private void Apply(List<byte> bytes, byte[] seed)
    {
        int at = bytes.Count == 0 ? 0 : random.Next(bytes.Count);
        switch (random.Next(8))
        {
            case 0 when bytes.Count > 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when bytes.Count > 0:
                bytes[at] = Interesting[random.Next(Interesting.Length)];
                break;
            case 2:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 3 when bytes.Count > 0:
                bytes.RemoveRange(at, Math.Min(random.Next(1, 40), bytes.Count - at));
                break;
            case 4:
                bytes.InsertRange(at, Enumerable.Repeat(Interesting[random.Next(Interesting.Length)], random.Next(1, 20)));
                break;
            case 5 when seed.Length > 0:
                int from = random.Next(seed.Length);
                bytes.InsertRange(at, seed.AsSpan(from, Math.Min(random.Next(1, 200), seed.Length - from)).ToArray());
                break;
            case 6:
                byte[] noise = new byte[random.Next(1, 60)];
                random.NextBytes(noise);
                bytes.InsertRange(at, noise);
                break;
            case 7 when bytes.Count >= 4:
                byte[] number = new byte[4];
                BinaryPrimitives.WriteInt32LittleEndian(number, random.Next());
                for (int i = 0; i < 4; i++)
                {
                    bytes[Math.Min(at + i, bytes.Count - 1)] = number[i];
                }

                break;
        }
    }
}
