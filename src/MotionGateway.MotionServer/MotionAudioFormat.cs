namespace MotionGateway.MotionServer;

/// <summary>The format of a connection's audio: mono signed 16-bit little-endian PCM, fixed for the connection's life.</summary>
public sealed record MotionAudioFormat
{
    internal const int BytesPerSample = 2;

    private static readonly int[] Rates = [8000, 16000, 22050, 24000, 32000, 44100, 48000];

    /// <summary>Creates a PCM format.</summary>
    /// <param name="sampleRate">Hertz; one of <see cref="SupportedSampleRates"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The Motion Server does not take that rate.</exception>
    public MotionAudioFormat(int sampleRate)
    {
        if (!Rates.Contains(sampleRate))
        {
            throw new ArgumentOutOfRangeException(nameof(sampleRate), sampleRate, $"The sample rate must be one of {string.Join(", ", Rates)} Hz.");
        }

        SampleRate = sampleRate;
    }

    /// <summary>The sample rates that the Motion Server takes, in hertz, rising.</summary>
    public static IReadOnlyList<int> SupportedSampleRates { get; } = Array.AsReadOnly(Rates);

    /// <summary>Hertz.</summary>
    public int SampleRate { get; }
}
