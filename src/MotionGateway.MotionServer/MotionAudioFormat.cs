namespace MotionGateway.MotionServer;

/// <summary>The format of a connection's speech, always mono; fixed for the connection's life.</summary>
public sealed record MotionAudioFormat
{
    internal const int BytesPerSample = 2;

    private static readonly int[] PcmRates = [8000, 16000, 22050, 24000, 32000, 44100, 48000];
    private static readonly int[] OpusRates = [8000, 12000, 16000, 24000, 48000];

    /// <summary>Creates the format of signed 16-bit little-endian PCM.</summary>
    /// <param name="sampleRate">Hertz; one of <see cref="SupportedSampleRates"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The Motion Server does not take that rate.</exception>
    public MotionAudioFormat(int sampleRate)
        : this(MotionAudioCodec.Pcm, sampleRate, PcmRates)
    {
    }

    private MotionAudioFormat(MotionAudioCodec codec, int sampleRate, int[] rates)
    {
        if (!rates.Contains(sampleRate))
        {
            throw new ArgumentOutOfRangeException(nameof(sampleRate), sampleRate, $"The sample rate must be one of {string.Join(", ", rates)} Hz.");
        }

        Codec = codec;
        SampleRate = sampleRate;
    }

    /// <summary>The sample rates that the Motion Server takes as PCM, in hertz, rising.</summary>
    public static IReadOnlyList<int> SupportedSampleRates { get; } = Array.AsReadOnly(PcmRates);

    /// <summary>The sample rates of Ogg Opus, in hertz, rising.</summary>
    public static IReadOnlyList<int> SupportedOpusRates { get; } = Array.AsReadOnly(OpusRates);

    /// <summary>How speech is encoded on its way.</summary>
    public MotionAudioCodec Codec { get; }

    /// <summary>Hertz. Of Ogg Opus, the rate of what was encoded.</summary>
    public int SampleRate { get; }

    /// <summary>Bits a second that the Motion Server is told; 0 for PCM, and for a bitrate that the encoder chooses.</summary>
    public int Bitrate { get; private init; }

    /// <summary>Creates the format of speech that is Ogg Opus already: one logical stream a request, passed on as it is.</summary>
    /// <param name="sampleRate">Hertz of what was encoded; one of <see cref="SupportedOpusRates"/>.</param>
    /// <param name="bitrate">Bits a second, or 0 when the encoder chose.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate or the bitrate is none that the Motion Server takes.</exception>
    public static MotionAudioFormat OggOpus(int sampleRate, int bitrate = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bitrate);
        return new(MotionAudioCodec.OggOpus, sampleRate, OpusRates) { Bitrate = bitrate };
    }
}
