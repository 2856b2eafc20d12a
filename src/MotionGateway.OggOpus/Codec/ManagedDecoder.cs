using Concentus;

namespace MotionGateway.OggOpus.Codec;

/// <summary>The managed decoder: Concentus.</summary>
internal sealed class ManagedDecoder(int sampleRate) : IPacketDecoder
{
    private readonly IOpusDecoder _decoder = ManagedCalls.Try("create a decoder", () => OpusCodecFactory.CreateDecoder(sampleRate, 1));

    public bool IsClosed { get; private set; }

    public void SetGain(int q8Decibels)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        _decoder.Gain = q8Decibels;
    }

    public int Decode(ReadOnlySpan<byte> packet, Span<short> samples)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        try
        {
            return _decoder.Decode(packet, samples, samples.Length, decode_fec: false);
        }
        catch (Exception e) when (ManagedCalls.IsCodecFailure(e))
        {
            throw ManagedCalls.Failure("decode a packet", e);
        }
    }

    public void Dispose()
    {
        if (!IsClosed)
        {
            IsClosed = true;
            _decoder.Dispose();
        }
    }
}
