using Concentus;

namespace MotionGateway.OggOpus.Codec;

/// <summary>The managed encoder: Concentus.</summary>
internal sealed class ManagedEncoder : IFrameEncoder
{
    private readonly IOpusEncoder _encoder;

    public ManagedEncoder(OggOpusEncoderOptions options)
    {
        // The numbers are those of libopus.
        var application = options.Application switch
        {
            OpusApplication.Voip => Concentus.Enums.OpusApplication.OPUS_APPLICATION_VOIP,
            OpusApplication.Audio => Concentus.Enums.OpusApplication.OPUS_APPLICATION_AUDIO,
            _ => Concentus.Enums.OpusApplication.OPUS_APPLICATION_RESTRICTED_LOWDELAY,
        };
        _encoder = ManagedCalls.Try("create an encoder", () => OpusCodecFactory.CreateEncoder(options.SampleRate, 1, application));
        if (options.Bitrate != 0)
        {
            _encoder.Bitrate = options.Bitrate;
        }

        if (options.Complexity is { } complexity)
        {
            _encoder.Complexity = complexity;
        }
    }

    public static string Version => ManagedCalls.Version;

    public bool IsClosed { get; private set; }

    public int Lookahead => _encoder.Lookahead;

    public int Encode(ReadOnlySpan<short> frame, Span<byte> packet)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        try
        {
            return _encoder.Encode(frame, frame.Length, packet, packet.Length);
        }
        catch (Exception e) when (ManagedCalls.IsCodecFailure(e))
        {
            throw ManagedCalls.Failure("encode", e);
        }
    }

    public void Dispose()
    {
        if (!IsClosed)
        {
            IsClosed = true;
            _encoder.Dispose();
        }
    }
}
