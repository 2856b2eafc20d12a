using MotionGateway.OggOpus.Native;

namespace MotionGateway.OggOpus.Codec;

/// <summary>libopus's decoder.</summary>
internal sealed class NativeDecoder : IPacketDecoder
{
    private readonly OpusDecoderHandle _decoder;

    public NativeDecoder(int sampleRate)
    {
        _decoder = OpusNative.CreateDecoder(sampleRate, channels: 1, out int error);
        try
        {
            OpusNative.Check(error, "create a decoder");
        }
        catch (OggOpusException)
        {
            _decoder.Dispose();
            throw;
        }
    }

    public bool IsClosed => _decoder.IsClosed;

    public void SetGain(int q8Decibels) => OpusNative.Check(OpusNative.SetGain(_decoder, q8Decibels), "set the gain");

    public int Decode(ReadOnlySpan<byte> packet, Span<short> samples) =>
        OpusNative.Check(OpusNative.Decode(_decoder, packet, packet.Length, samples, samples.Length, decodeFec: 0), "decode a packet");

    public void Dispose() => _decoder.Dispose();
}
