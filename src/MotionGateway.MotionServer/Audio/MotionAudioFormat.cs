using MotionGateway.OggOpus;

namespace MotionGateway.MotionServer;

/// <summary>The format of a connection's speech, always mono; fixed for the connection's life.</summary>
public sealed record MotionAudioFormat
{
    internal const int BytesPerSample = 2;

    private static readonly int[] PcmRates = [8000, 16000, 22050, 24000, 32000, 44100, 48000];

    /// <summary>Creates the format of signed 16-bit little-endian PCM.</summary>
    /// <param name="sampleRate">Hertz; one of <see cref="SupportedSampleRates"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The Motion Server does not take that rate.</exception>
    public MotionAudioFormat(int sampleRate)
        : this(MotionAudioCodec.Pcm, sampleRate, PcmRates)
    {
    }

    private MotionAudioFormat(MotionAudioCodec codec, int sampleRate, IReadOnlyList<int> rates)
    {
        if (!rates.Contains(sampleRate))
        {
            throw new ArgumentOutOfRangeException(nameof(sampleRate), sampleRate, $"The sample rate must be one of {string.Join(", ", rates)} Hz.");
        }

        (Codec, SampleRate) = (codec, sampleRate);
    }

    /// <summary>The sample rates that the Motion Server takes as PCM, in hertz, rising.</summary>
    public static IReadOnlyList<int> SupportedSampleRates { get; } = Array.AsReadOnly(PcmRates);

    /// <summary>The sample rates of Ogg Opus, in hertz, rising.</summary>
    public static IReadOnlyList<int> SupportedOpusRates => OpusSampleRates.Supported;

    /// <summary>How speech is encoded on its way.</summary>
    public MotionAudioCodec Codec { get; }

    /// <summary>Hertz. Of Ogg Opus, the rate of what was encoded.</summary>
    public int SampleRate { get; }

    /// <summary>Bits a second that the Motion Server is told; 0 for PCM, and for a bitrate that the encoder chooses.</summary>
    public int Bitrate { get; private init; }

    /// <summary>How the PCM that callers give is encoded on its way; null when speech is sent as it is given.</summary>
    public OggOpusEncoderOptions? Encoder { get; private init; }

    /// <summary>Whether callers give PCM, whatever is sent.</summary>
    internal bool TakesPcm => Codec == MotionAudioCodec.Pcm || Encoder is not null;

    /// <summary>Creates the format of speech that is Ogg Opus already: one logical stream a request, passed on as it is.</summary>
    /// <param name="sampleRate">Hertz of what was encoded; one of <see cref="SupportedOpusRates"/>.</param>
    /// <param name="bitrate">Bits a second, 500 to 512000, or 0 when the encoder chose.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate or the bitrate is none that the Motion Server takes.</exception>
    public static MotionAudioFormat OggOpus(int sampleRate, int bitrate = 0)
    {
        if (bitrate != 0 && bitrate is < OggOpusEncoderOptions.MinBitrate or > OggOpusEncoderOptions.MaxBitrate)
        {
            throw new ArgumentOutOfRangeException(
                nameof(bitrate), bitrate, $"The bitrate must be 0 or {OggOpusEncoderOptions.MinBitrate} to {OggOpusEncoderOptions.MaxBitrate} bit/s.");
        }

        return new(MotionAudioCodec.OggOpus, sampleRate, SupportedOpusRates) { Bitrate = bitrate };
    }

    /// <summary>
    /// Creates the format of PCM that is encoded to Ogg Opus as it is sent: callers give signed 16-bit little-endian PCM, and each request becomes one logical stream.
    /// libopus does it where it is on this machine, see <see cref="OpusLibrary"/>.
    /// </summary>
    /// <param name="encoder">How to encode; its sample rate is the PCM's.</param>
    /// <exception cref="ArgumentException">The encoder's options are wrong; the text names every one.</exception>
    public static MotionAudioFormat PcmToOggOpus(OggOpusEncoderOptions encoder)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        IReadOnlyList<string> problems = encoder.Validate();
        return problems.Count == 0
            ? new(MotionAudioCodec.OggOpus, encoder.SampleRate, SupportedOpusRates) { Bitrate = encoder.Bitrate, Encoder = encoder }
            : throw new ArgumentException(string.Join(' ', problems), nameof(encoder));
    }
}
