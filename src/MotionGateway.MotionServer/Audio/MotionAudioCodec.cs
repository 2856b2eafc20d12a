namespace MotionGateway.MotionServer;

/// <summary>How speech is encoded on its way to the Motion Server.</summary>
public enum MotionAudioCodec
{
    /// <summary>Mono signed 16-bit little-endian PCM without a header.</summary>
    Pcm = 0,
    /// <summary>Ogg Opus: one continuous logical stream a request, cut anywhere.</summary>
    OggOpus = 1,
}
