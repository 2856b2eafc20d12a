namespace MotionGateway.OggOpus.Codec;

/// <summary>Mono PCM of Opus packets; packets of two channels are mixed down.</summary>
internal interface IPacketDecoder : IDisposable
{
    /// <summary>Whether it was disposed.</summary>
    bool IsClosed { get; }

    /// <summary>Sets what is amplified by.</summary>
    /// <param name="q8Decibels">In 1/256 dB.</param>
    /// <exception cref="OggOpusException">The codec refused.</exception>
    void SetGain(int q8Decibels);

    /// <summary>Decodes the stream's next packet.</summary>
    /// <param name="packet">The packet; not empty.</param>
    /// <param name="samples">Where the samples are written to; room for 120 ms.</param>
    /// <returns>How many samples there are.</returns>
    /// <exception cref="OggOpusException">The packet does not decode.</exception>
    int Decode(ReadOnlySpan<byte> packet, Span<short> samples);
}
