using System.Buffers.Binary;
using System.Text;
using MotionGateway.MotionServer;

namespace MotionGateway.Cli.Audio;

/// <summary>Reads WAV as it streams in: mono 16-bit PCM at a rate that the Motion Server takes, and nothing else.</summary>
internal static class WavReader
{
    private const int RiffHeaderBytes = 12;
    private const int ChunkHeaderBytes = 8;
    private const int FormatBytes = 16;
    private const int ExtensibleFormatBytes = 40;
    private const int SubFormatOffset = 24;
    private const int MaxFormatBytes = 1024;
    private const ushort Pcm = 1;
    private const ushort Float = 3;
    private const ushort Extensible = 0xFFFE;

    // Programs that write to a pipe do not know the length: ffmpeg writes the largest number, espeak-ng and sox about 2^31.
    private const uint UnknownLength = 0x7FFF_0000;

    /// <summary>Reads up to the first sample.</summary>
    /// <param name="stream">The stream, at its start; need not be seekable.</param>
    /// <param name="name">What people call it, for errors.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AudioFormatException">It is no such WAV; the message says what it is instead, and what helps.</exception>
    public static async Task<PcmStream> OpenAsync(Stream stream, string name, CancellationToken cancellationToken)
    {
        byte[] header = new byte[RiffHeaderBytes];
        int read = await stream.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellationToken);
        CheckRiff(header.AsSpan(0, read), name);

        int? sampleRate = null;
        while (true)
        {
            var (id, size) = await ReadChunkHeaderAsync(stream, name, cancellationToken);
            switch (id)
            {
                case "fmt ":
                    sampleRate = await ReadFormatAsync(stream, size, name, cancellationToken);
                    break;
                case "data":
                    return new PcmStream(
                        stream, name,
                        sampleRate ?? throw new AudioFormatException($"{name} has samples before their format: it is no valid WAV file."),
                        ToLength(size, name));
                default:
                    await SkipAsync(stream, size + (size & 1L), name, cancellationToken);
                    break;
            }
        }
    }

    private static void CheckRiff(ReadOnlySpan<byte> header, string name)
    {
        if (header.Length == RiffHeaderBytes && header.StartsWith("RIFF"u8) && header[8..].SequenceEqual("WAVE"u8))
        {
            return;
        }

        string what = header switch
        {
            [] => "is empty",
            _ when header.StartsWith("RIFX"u8) => "is a big-endian WAV file",
            _ when header.StartsWith("RF64"u8) => "is a 64-bit WAV file",
            _ when header.StartsWith("ID3"u8) || header is [0xFF, >= 0xE0, ..] => "is an MP3 file",
            _ when header.StartsWith("OggS"u8) => "is an Ogg file",
            _ when header.StartsWith("fLaC"u8) => "is a FLAC file",
            _ => "is no WAV file",
        };
        throw new AudioFormatException(
            $"{name} {what}. Convert it with 'ffmpeg -i INPUT -ac 1 -ar 16000 -c:a pcm_s16le OUTPUT.wav'"
            + (what == "is no WAV file" ? ", or name the rate of raw samples with --rate." : "."));
    }

    private static async Task<(string Id, uint Size)> ReadChunkHeaderAsync(Stream stream, string name, CancellationToken cancellationToken)
    {
        byte[] header = new byte[ChunkHeaderBytes];
        int read = await stream.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellationToken);
        return read == header.Length
            ? (Encoding.ASCII.GetString(header, 0, 4), BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(4)))
            : throw new AudioFormatException($"{name} holds no samples: it ends before its data chunk.");
    }

    private static async Task<int> ReadFormatAsync(Stream stream, uint size, string name, CancellationToken cancellationToken)
    {
        if (size is < FormatBytes or > MaxFormatBytes)
        {
            throw new AudioFormatException($"{name} has a format chunk of {size} bytes: it is no valid WAV file.");
        }

        byte[] format = new byte[size + (size & 1)];
        int read = await stream.ReadAtLeastAsync(format, format.Length, throwOnEndOfStream: false, cancellationToken);
        return read == format.Length ? CheckFormat(format, name)
            : throw new AudioFormatException($"{name} ends within its format chunk.");
    }

    private static int CheckFormat(ReadOnlySpan<byte> format, string name)
    {
        ushort encoding = BinaryPrimitives.ReadUInt16LittleEndian(format);
        if (encoding == Extensible && format.Length >= ExtensibleFormatBytes)
        {
            encoding = BinaryPrimitives.ReadUInt16LittleEndian(format[SubFormatOffset..]);
        }

        int channels = BinaryPrimitives.ReadUInt16LittleEndian(format[2..]);
        int sampleRate = (int)BinaryPrimitives.ReadUInt32LittleEndian(format[4..]);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(format[14..]);
        var problems = new List<string>();
        if (encoding != Pcm)
        {
            problems.Add(encoding == Float ? "its samples are floating point" : $"its encoding is number {encoding}, not PCM");
        }
        else if (bits != 16)
        {
            problems.Add($"its samples have {bits} bits, not 16");
        }

        if (channels != 1)
        {
            problems.Add(channels == 2 ? "it is stereo, not mono" : $"it has {channels} channels, not 1");
        }

        if (!MotionAudioFormat.SupportedSampleRates.Contains(sampleRate))
        {
            problems.Add($"its rate is {sampleRate} Hz, not one of {string.Join(", ", MotionAudioFormat.SupportedSampleRates)}");
        }

        return problems.Count == 0 ? sampleRate : throw new AudioFormatException(
            $"{name} cannot be sent: {string.Join("; ", problems)}. "
            + "Convert it with 'ffmpeg -i INPUT -ac 1 -ar 16000 -c:a pcm_s16le OUTPUT.wav'.");
    }

    private static long? ToLength(uint size, string name)
    {
        if (size >= UnknownLength)
        {
            return null;
        }

        return size % sizeof(short) == 0 ? size : throw new AudioFormatException(
            $"{name} promises {size} bytes of samples, an odd number: 16-bit samples take two bytes each.");
    }

    private static async Task SkipAsync(Stream stream, long bytes, string name, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[4096];
        while (bytes > 0)
        {
            int read = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(bytes, buffer.Length)), cancellationToken);
            bytes -= read > 0 ? read : throw new AudioFormatException($"{name} holds no samples: it ends before its data chunk.");
        }
    }
}
