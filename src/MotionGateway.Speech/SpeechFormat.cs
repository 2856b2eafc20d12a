namespace MotionGateway.Speech;

/// <summary>What a turn's bytes are said to be.</summary>
/// <param name="Encoding">How the bytes hold samples.</param>
/// <param name="SampleRate">
/// Hertz, <see cref="MinSampleRate"/> to <see cref="MaxSampleRate"/>. 0 is allowed with <see cref="SpeechEncoding.Wav"/> and
/// <see cref="SpeechEncoding.OggOpus"/>, whose headers tell: where it is given, a WAV header must agree, and for Ogg Opus it says nothing.
/// </param>
/// <param name="Channels">1 or 2, interleaved; two are mixed down. 0 is allowed as with the rate, and means the same.</param>
public sealed record SpeechFormat(SpeechEncoding Encoding, int SampleRate, int Channels)
{
    /// <summary>Lowest rate, in hertz.</summary>
    public const int MinSampleRate = 8000;

    /// <summary>Highest rate, in hertz.</summary>
    public const int MaxSampleRate = 48000;

    /// <summary>Whether a header within the bytes tells rate and channels.</summary>
    public bool HasHeader => Encoding is SpeechEncoding.Wav or SpeechEncoding.OggOpus;

    /// <summary>Checks every field.</summary>
    /// <returns>One sentence for each problem, beginning with the field's name; empty when there is none.</returns>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        if (!Enum.IsDefined(Encoding))
        {
            problems.Add($"{nameof(Encoding)} must be one of {string.Join(", ", Enum.GetNames<SpeechEncoding>())}.");
        }

        if (SampleRate is < MinSampleRate or > MaxSampleRate && !(SampleRate == 0 && HasHeader))
        {
            problems.Add($"{nameof(SampleRate)} must be {MinSampleRate} to {MaxSampleRate} Hz, not {SampleRate}.");
        }

        if (Channels is not (1 or 2) && !(Channels == 0 && HasHeader))
        {
            problems.Add($"{nameof(Channels)} must be 1 or 2, not {Channels}.");
        }

        return problems;
    }
}
