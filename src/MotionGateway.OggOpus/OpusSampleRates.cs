namespace MotionGateway.OggOpus;

/// <summary>The sample rates that Opus codes natively. Positions in Ogg Opus always count 48 kHz samples, whatever the rate.</summary>
public static class OpusSampleRates
{
    /// <summary>The rate that granule positions, the pre-skip and packet durations count in, in hertz (RFC 7845, section 4).</summary>
    public const int Granule = 48000;

    private static readonly int[] Rates = [8000, 12000, 16000, 24000, 48000];

    /// <summary>The supported rates, in hertz, rising.</summary>
    public static IReadOnlyList<int> Supported { get; } = Array.AsReadOnly(Rates);

    internal static string Listed { get; } = string.Join(", ", Rates);

    /// <summary>Whether a rate is supported.</summary>
    /// <param name="sampleRate">Hertz.</param>
    public static bool IsSupported(int sampleRate) => Array.IndexOf(Rates, sampleRate) >= 0;

    // Whole for each supported rate: 6, 4, 3, 2, 1.
    internal static int GranulesPerSample(int sampleRate) => Granule / sampleRate;
}
