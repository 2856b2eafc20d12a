namespace MotionGateway.OggOpus;

/// <summary>How PCM becomes Ogg Opus. Checked as a whole by <see cref="Validate"/>, which the encoder calls.</summary>
public sealed record OggOpusEncoderOptions
{
    /// <summary>Lowest bitrate that can be asked for, in bits per second.</summary>
    public const int MinBitrate = 500;

    /// <summary>Highest bitrate that can be asked for, in bits per second.</summary>
    public const int MaxBitrate = 512_000;

    /// <summary>Greatest complexity that can be asked for.</summary>
    public const int MaxComplexity = 10;

    /// <summary>Hertz of the PCM; one of <see cref="OpusSampleRates.Supported"/>, as nothing is resampled. Default 16000.</summary>
    public int SampleRate { get; init; } = 16000;

    /// <summary>Audio in one packet: 10, 20 (the default), 40 or 60 ms. Longer ones cost fewer bytes and add that much delay.</summary>
    public TimeSpan FrameDuration { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>What the encoder is tuned for. Default <see cref="OpusApplication.Voip"/>.</summary>
    public OpusApplication Application { get; init; } = OpusApplication.Voip;

    /// <summary>
    /// Target in bits per second, <see cref="MinBitrate"/> to <see cref="MaxBitrate"/>. Default 0: the codec chooses by
    /// sample rate and frame duration.
    /// </summary>
    public int Bitrate { get; init; }

    /// <summary>
    /// Effort from 0 (least processor time) to <see cref="MaxComplexity"/> (best quality at the bitrate). Null (the default): the codec's own
    /// choice, which is 9 in libopus.
    /// </summary>
    public int? Complexity { get; init; }

    /// <summary>Serial number of the logical stream. Null (the default) draws one at random for each encoder.</summary>
    public uint? StreamSerial { get; init; }

    internal int SamplesPerFrame => (int)(SampleRate * FrameDuration.Ticks / TimeSpan.TicksPerSecond);

    /// <summary>Checks every property.</summary>
    /// <returns>One sentence for each problem, beginning with the property's name; empty when there is none.</returns>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        if (!OpusSampleRates.IsSupported(SampleRate))
        {
            problems.Add($"{nameof(SampleRate)} must be one of {OpusSampleRates.Listed} Hz for Opus, not {SampleRate}.");
        }

        if (FrameDuration.TotalMilliseconds is not (10 or 20 or 40 or 60))
        {
            problems.Add($"{nameof(FrameDuration)} must be 10, 20, 40 or 60 ms, not {FrameDuration.TotalMilliseconds} ms.");
        }

        if (!Enum.IsDefined(Application))
        {
            problems.Add($"{nameof(Application)} must be one of {string.Join(", ", Enum.GetNames<OpusApplication>())}.");
        }

        if (Bitrate != 0 && Bitrate is < MinBitrate or > MaxBitrate)
        {
            problems.Add($"{nameof(Bitrate)} must be 0 (automatic) or {MinBitrate} to {MaxBitrate} bit/s, not {Bitrate}.");
        }

        if (Complexity is < 0 or > MaxComplexity)
        {
            problems.Add($"{nameof(Complexity)} must be null (the codec's choice) or 0 to {MaxComplexity}, not {Complexity}.");
        }

        return problems;
    }
}
