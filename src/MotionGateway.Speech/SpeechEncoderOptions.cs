namespace MotionGateway.Speech;

/// <summary>How speech becomes Opus packets.</summary>
public sealed record SpeechEncoderOptions
{
    /// <summary>Target in bits per second, 500 to 512000; 0: the codec chooses. Default 24000, at which speech is hard to tell from its source.</summary>
    public int Bitrate { get; init; } = 24_000;

    /// <summary>
    /// Effort from 0 (least processor time) to 10 (best quality at the bitrate). Null: the codec's own choice, 9 in libopus.
    /// Default 5, which costs about two thirds of that.
    /// </summary>
    public int? Complexity { get; init; } = 5;

    /// <summary>Audio in one packet: 10, 20 (the default), 40 or 60 ms.</summary>
    public TimeSpan FrameDuration { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Hertz of what the speech was before it came to 48 kHz, told in the stream's header for information. Default 48000; 0: unknown.</summary>
    public uint InputSampleRate { get; init; } = 48_000;
}
