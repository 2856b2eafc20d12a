namespace MotionGateway.Speech.Formats;

/// <summary>The samples that the bytes of ITU-T G.711 stand for, in units of 16-bit PCM.</summary>
internal static class Companding
{
    public static float[] MuLaw { get; } = Table(FromMuLaw);

    public static float[] ALaw { get; } = Table(FromALaw);

    private static float[] Table(Func<int, int> decode) => [.. Enumerable.Range(0, 256).Select(value => (float)decode(value))];

    // All bits are inverted; sign, three bits of segment, four of step. The bias of 33 (132 in 16 bits) makes each segment a power of two.
    private static int FromMuLaw(int code)
    {
        const int Bias = 0x84;
        int bits = ~code & 0xFF;
        int magnitude = ((((bits & 0xF) << 3) + Bias) << ((bits >> 4) & 7)) - Bias;
        return (bits & 0x80) != 0 ? -magnitude : magnitude;
    }

    // Every second bit is inverted, and a set sign bit is positive. The first two segments have steps of one size; a value is its step's middle.
    private static int FromALaw(int code)
    {
        int bits = code ^ 0x55;
        int segment = (bits >> 4) & 7;
        int step = (bits & 0xF) << 4;
        int magnitude = segment == 0 ? step + 8 : (step + 0x108) << (segment - 1);
        return (bits & 0x80) != 0 ? magnitude : -magnitude;
    }
}
