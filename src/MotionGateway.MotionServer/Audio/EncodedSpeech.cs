namespace MotionGateway.MotionServer;

/// <summary>A request's speech as it was sent: one whole Ogg Opus stream.</summary>
/// <param name="RequestId">The request.</param>
/// <param name="OggOpus">The stream, as a file would hold it; belongs to whoever is given it.</param>
public sealed record EncodedSpeech(string RequestId, ReadOnlyMemory<byte> OggOpus);
