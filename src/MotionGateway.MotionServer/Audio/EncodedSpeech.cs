namespace MotionGateway.MotionServer;

/// <summary>A request's speech as it was sent: one whole Ogg Opus stream.</summary>
public sealed class EncodedSpeech
{
    internal EncodedSpeech(string requestId, ReadOnlyMemory<byte> oggOpus) => (RequestId, OggOpus) = (requestId, oggOpus);

    /// <summary>The request.</summary>
    public string RequestId { get; }

    /// <summary>The stream, as a file would hold it; belongs to whoever is given it.</summary>
    public ReadOnlyMemory<byte> OggOpus { get; }
}
