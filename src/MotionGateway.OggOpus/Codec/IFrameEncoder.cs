namespace MotionGateway.OggOpus.Codec;

/// <summary>Opus packets of mono PCM, frame by frame.</summary>
internal interface IFrameEncoder : IDisposable
{
    /// <summary>Whether it was disposed.</summary>
    bool IsClosed { get; }

    /// <summary>Samples by which decoded audio is late, at the encoder's rate.</summary>
    int Lookahead { get; }

    /// <summary>Encodes one frame.</summary>
    /// <param name="frame">The frame's samples, in the machine's byte order.</param>
    /// <param name="packet">Where the packet is written to.</param>
    /// <returns>Its length in bytes.</returns>
    /// <exception cref="OggOpusException">The codec failed.</exception>
    int Encode(ReadOnlySpan<short> frame, Span<byte> packet);
}
