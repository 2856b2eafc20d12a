namespace MotionGateway.Speech;

/// <summary>The bytes are not the speech that they were said to be. The message says what was found and what to do.</summary>
/// <param name="fault">Which kind of fault.</param>
/// <param name="found">What was found, such as "an MP3 stream".</param>
/// <param name="remedy">What to do, a sentence.</param>
public sealed class SpeechFormatException(SpeechFault fault, string found, string remedy)
    : Exception($"The speech holds {found}. {remedy}")
{
    /// <summary>Which kind of fault.</summary>
    public SpeechFault Fault { get; } = fault;

    /// <summary>What was found, such as "an MP3 stream".</summary>
    public string Found { get; } = found;

    /// <summary>What to do, a sentence.</summary>
    public string Remedy { get; } = remedy;
}
