using System.Buffers.Binary;

namespace MotionGateway.LocalMotion.Egress;

/// <summary>What stands before mono 16-bit PCM in a WAV file.</summary>
internal static class WavHeader
{
    private const int Size = 44;
    private const int FormatSize = 16;
    private const short Pcm = 1;
    private const short Channels = 1;

    public static byte[] Of(int pcmBytes, int sampleRate)
    {
        byte[] header = new byte[Size];
        Span<byte> bytes = header;
        "RIFF"u8.CopyTo(bytes);
        // What follows this number.
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], Size - 8 + pcmBytes);
        "WAVEfmt "u8.CopyTo(bytes[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[16..], FormatSize);
        BinaryPrimitives.WriteInt16LittleEndian(bytes[20..], Pcm);
        BinaryPrimitives.WriteInt16LittleEndian(bytes[22..], Channels);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[24..], sampleRate);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[28..], sampleRate * sizeof(short));
        BinaryPrimitives.WriteInt16LittleEndian(bytes[32..], sizeof(short));
        BinaryPrimitives.WriteInt16LittleEndian(bytes[34..], 8 * sizeof(short));
        "data"u8.CopyTo(bytes[36..]);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[40..], pcmBytes);
        return header;
    }
}
