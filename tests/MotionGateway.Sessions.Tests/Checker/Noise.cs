namespace MotionGateway.Sessions.Tests.Checker;

/// <summary>Speech that no two replies of a schedule share a part of.</summary>
internal sealed class Noise(Random random)
{
    private static readonly ReadOnlyMemory<byte> All = Make();

    private int _next = random.Next(All.Length);

    public ReadOnlyMemory<byte> Next(int bytes)
    {
        int at = _next + bytes > All.Length ? 0 : _next;
        _next = at + bytes;
        return All.Slice(at, bytes);
    }

    private static byte[] Make()
    {
        byte[] noise = new byte[32 * 1024 * 1024];
        new Random(1).NextBytes(noise);
        return noise;
    }
}
