using System.Buffers;
using System.Runtime.InteropServices;
using MotionGateway.OggOpus;

namespace MotionGateway.Cli.Tests.Audio;

/// <summary>Makes Ogg Opus streams.</summary>
internal static class OpusBytes
{
    public const int Rate = 48000;

    /// <summary>Mono 16-bit samples at 48 kHz of a tone.</summary>
    public static byte[] Tone(double seconds) => MemoryMarshal.AsBytes<short>(
        [.. Enumerable.Range(0, (int)(seconds * Rate)).Select(sample => (short)(8000 * Math.Sin(sample * Math.Tau * 220 / Rate)))]).ToArray();

    /// <summary>A whole stream of samples at 48 kHz.</summary>
    public static byte[] Encode(byte[] pcm)
    {
        var stream = new ArrayBufferWriter<byte>();
        using var encoder = new OggOpusEncoder(new OggOpusEncoderOptions { SampleRate = Rate });
        encoder.Encode(pcm, stream);
        encoder.Finish(stream);
        return stream.WrittenSpan.ToArray();
    }
}
