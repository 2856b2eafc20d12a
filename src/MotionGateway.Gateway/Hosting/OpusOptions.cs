using MotionGateway.Speech;

namespace MotionGateway.Gateway;

/// <summary>How Ogg Opus is made.</summary>
public sealed class OpusOptions
{
    /// <summary>Bits a second, 6000 to 512000; 0: the codec chooses. Default 24000, at which speech is hard to tell from its source.</summary>
    public int Bitrate { get; set; } = new SpeechEncoderOptions().Bitrate;

    /// <summary>
    /// Effort from 0, the least processor time, to 10, the best quality at a bitrate; null: the codec's own choice, which is 9 in
    /// libopus. Default 5, which costs about half of that.
    /// </summary>
    public int? Complexity { get; set; } = new SpeechEncoderOptions().Complexity;

    internal SpeechEncoderOptions ToEncoderOptions() => new() { Bitrate = Bitrate, Complexity = Complexity };

    /// <summary>Finds everything that is wrong.</summary>
    /// <returns>A sentence for each, beginning with the setting's name.</returns>
    internal IEnumerable<string> Validate()
    {
        if (Bitrate is not (0 or (>= 6_000 and <= 512_000)))
        {
            yield return $"{nameof(Bitrate)} must be 6000 to 512000, or 0.";
        }

        if (Complexity is < 0 or > 10)
        {
            yield return $"{nameof(Complexity)} must be 0 to 10, or null.";
        }
    }
}
