namespace MotionGateway.LocalMotion.Egress;

/// <summary>
/// What would have been published of one request, as far as it is kept: from its beginning up to the server's limits. All of it is what
/// came or was made, whether or not the playback got so far.
/// </summary>
/// <param name="IsOggOpus">
/// What <paramref name="Audio"/> is. True: the Ogg Opus stream as it came, because it was not decoded. False: mono 16-bit little-endian PCM.
/// </param>
/// <param name="SampleRate">Hertz.</param>
/// <param name="Audio">The audio.</param>
/// <param name="AudioBytesLeftOut">Bytes of audio, in that same form, that came and are not kept, or not any more.</param>
/// <param name="Motion">The motion, in the envelopes in which it would have come over the WebSocket without egress.</param>
/// <param name="MotionMessagesLeftOut">Envelopes that were made and are not kept, or not any more.</param>
public sealed record EgressMedia(
    bool IsOggOpus,
    int SampleRate,
    ReadOnlyMemory<byte> Audio,
    long AudioBytesLeftOut,
    IReadOnlyList<ReadOnlyMemory<byte>> Motion,
    int MotionMessagesLeftOut);
