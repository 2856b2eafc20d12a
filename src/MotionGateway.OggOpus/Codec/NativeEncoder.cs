using MotionGateway.OggOpus.Native;

namespace MotionGateway.OggOpus.Codec;

/// <summary>libopus's encoder.</summary>
internal sealed class NativeEncoder : IFrameEncoder
{
    private readonly OpusEncoderHandle _encoder;

    public NativeEncoder(OggOpusEncoderOptions options)
    {
        // The numbers of libopus's header.
        int application = options.Application switch
        {
            OpusApplication.Voip => 2048,
            OpusApplication.Audio => 2049,
            _ => 2051,
        };
        _encoder = OpusNative.CreateEncoder(options.SampleRate, channels: 1, application, out int error);
        try
        {
            OpusNative.Check(error, "create an encoder");
            if (options.Bitrate != 0)
            {
                OpusNative.Check(OpusNative.SetBitrate(_encoder, options.Bitrate), "set the bitrate");
            }

            if (options.Complexity is { } complexity)
            {
                OpusNative.Check(OpusNative.SetComplexity(_encoder, complexity), "set the complexity");
            }

            OpusNative.Check(OpusNative.GetLookahead(_encoder, out int lookahead), "tell its look-ahead");
            Lookahead = lookahead;
        }
        catch (OggOpusException)
        {
            _encoder.Dispose();
            throw;
        }
    }

    public bool IsClosed => _encoder.IsClosed;

    public int Lookahead { get; }

    public int Encode(ReadOnlySpan<short> frame, Span<byte> packet) =>
        OpusNative.Check(OpusNative.Encode(_encoder, frame, frame.Length, packet, packet.Length), "encode");

    public void Dispose() => _encoder.Dispose();
}
