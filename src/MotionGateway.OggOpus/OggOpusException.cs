namespace MotionGateway.OggOpus;

/// <summary>An Ogg Opus stream is malformed, or the codec failed on it. The message holds no audio.</summary>
/// <param name="error">What is wrong.</param>
/// <param name="message">One sentence for people.</param>
public sealed class OggOpusException(OggOpusError error, string message) : Exception(message)
{
    /// <summary>What is wrong, for programs.</summary>
    public OggOpusError Error { get; } = error;
}
