using System.Buffers.Binary;

namespace MotionGateway.Cli.Audio;

/// <summary>What the head of a WAV file tells of the rest. Whether it can be taken is not judged here.</summary>
/// <param name="SampleRate">Hertz.</param>
/// <param name="Channels">Number of channels.</param>
/// <param name="BytesPerSecond">Bytes of a second of speech.</param>
/// <param name="DataStart">Bytes before the first sample, as far as they are known.</param>
internal readonly record struct WavHead(int SampleRate, int Channels, int BytesPerSecond, long DataStart)
{
    private const int RiffHeader = 12;
    private const int ChunkHeader = 8;
    private const int FormatBytes = 16;

    /// <summary>Whether bytes begin a WAV file.</summary>
    public static bool Begins(ReadOnlySpan<byte> head) =>
        head.Length >= RiffHeader && head.StartsWith("RIFF"u8) && head[ChunkHeader..].StartsWith("WAVE"u8);

    /// <summary>Finds the format.</summary>
    /// <returns>Null where the head ends before it.</returns>
    public static WavHead? Read(ReadOnlySpan<byte> head)
    {
        WavHead? found = null;
        long next = RiffHeader;
        while (next + ChunkHeader <= head.Length)
        {
            var chunk = head[(int)next..];
            if (chunk.StartsWith("data"u8))
            {
                next += ChunkHeader;
                break;
            }

            uint size = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            if (chunk.StartsWith("fmt "u8) && chunk.Length >= ChunkHeader + FormatBytes)
            {
                found = ReadFormat(chunk[ChunkHeader..]);
            }

            // A chunk of odd length is followed by one more byte.
            next += ChunkHeader + size + (size & 1L);
        }

        return found is { } format ? format with { DataStart = next } : null;
    }

    private static WavHead ReadFormat(ReadOnlySpan<byte> format)
    {
        int rate = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(format[4..]), int.MaxValue);
        int frame = BinaryPrimitives.ReadUInt16LittleEndian(format[12..]);
        return new(rate, BinaryPrimitives.ReadUInt16LittleEndian(format[2..]), (int)Math.Clamp((long)rate * frame, 1, int.MaxValue), 0);
    }
}
