namespace MotionGateway.OggOpus;

/// <summary>How much audio a packet holds, told by its first byte or two (RFC 6716, section 3.1); no codec is needed.</summary>
internal static class OpusPacketDuration
{
    /// <summary>The longest packet, 120 ms, in samples at 48 kHz.</summary>
    public const int Max = 5760;

    // Frame lengths in samples at 48 kHz: 10, 20, 40, 60 ms for speech mode; 2.5, 5, 10, 20 ms for the other.
    private static readonly int[] SilkFrames = [480, 960, 1920, 2880];
    private static readonly int[] CeltFrames = [120, 240, 480, 960];

    /// <summary>Samples at 48 kHz; -1 when that is no Opus packet.</summary>
    /// <param name="first">The packet's first byte: configuration, channels, how many frames.</param>
    /// <param name="second">Its second byte, where the number of frames may stand; -1 when it has just one.</param>
    public static int Of(byte first, int second)
    {
        int configuration = first >> 3;
        int frame = configuration switch
        {
            < 12 => SilkFrames[configuration & 3],
            < 16 => SilkFrames[configuration & 1],
            _ => CeltFrames[configuration & 3],
        };
        int count = (first & 3) switch
        {
            0 => 1,
            1 or 2 => 2,
            _ => second < 0 ? 0 : second & 0x3F,
        };
        int duration = frame * count;
        return duration is 0 or > Max ? -1 : duration;
    }
}
