using System.Buffers.Binary;
using System.Text;

namespace MotionGateway.Speech.Tests;

/// <summary>What is sent instead of speech: the beginnings of files and streams, made from their specifications.</summary>
internal static class Impostors
{
    private static readonly Random Content = new(17);

    /// <summary>What each is, how its finding names it, and its bytes.</summary>
    public static IReadOnlyDictionary<string, byte[]> All { get; } = new Dictionary<string, byte[]>
    {
        ["a WAV header"] = [.. "RIFF"u8, .. Number(0xFFFFFFFF), .. "WAVEfmt "u8, .. Number(16), 1, 0, 1, 0, .. Number(16000), .. Number(32000), 2, 0, 16, 0, .. "data"u8, .. Number(0), .. Noise(200)],
        ["an RF64 file"] = [.. "RF64"u8, .. Number(0xFFFFFFFF), .. "WAVEds64"u8, .. Number(28), .. Noise(200)],
        ["a BW64 file"] = [.. "BW64"u8, .. Number(0xFFFFFFFF), .. "WAVEds64"u8, .. Number(28), .. Noise(200)],
        ["a big-endian WAV file"] = [.. "RIFX"u8, 0, 0, 1, 0, .. "WAVEfmt "u8, 0, 0, 0, 16, .. Noise(200)],
        ["an Ogg Opus stream"] = Ogg([.. "OpusHead"u8, 1, 1, 56, 1, 0x80, 0xBB, 0, 0, 0, 0, 0]),
        ["an Ogg Vorbis stream"] = Ogg([.. "\u0001vorbis"u8, 0, 0, 0, 0, 1, 0x44, 0xAC, 0, 0, .. Noise(14)]),
        ["an Ogg FLAC stream"] = Ogg([.. "\u007FFLAC"u8, 1, 0, 0, 1, .. "fLaC"u8, 0, 0, 0, 34, .. Noise(34)]),
        ["an Ogg Speex stream"] = Ogg([.. "Speex   1.2"u8, .. new byte[69]]),
        ["an Ogg stream"] = Ogg(Noise(80)),
        ["a FLAC file"] = [.. "fLaC"u8, 0, 0, 0, 34, 16, 0, 16, 0, .. Noise(200)],
        ["an MP3 file with an ID3 tag"] = [.. "ID3"u8, 4, 0, 0, 0, 0, 0, 35, .. "TSSE"u8, .. new byte[31], .. Mp3(1, 5)],
        ["an MP3 stream"] = Mp3(version: 3, frames: 4),
        ["an MP3 stream at a low rate"] = Mp3(version: 2, frames: 5),
        ["an AAC stream (ADTS)"] = Adts(5),
        ["a WebM or Matroska file"] = [0x1A, 0x45, 0xDF, 0xA3, 0x9F, 0x42, 0x86, 0x81, 1, 0x42, 0xF7, 0x81, 1, .. Noise(200)],
        ["a WebM or Matroska file, streamed"] = [0x1A, 0x45, 0xDF, 0xA3, 1, 0, 0, 0, 0, 0, 0, 0x1F, 0x42, 0x86, 0x81, 1, .. Noise(200)],
        ["an MP4 or M4A file"] = [0, 0, 0, 0x1C, .. "ftypM4A "u8, 0, 0, 2, 0, .. "M4A isomiso2"u8, .. Noise(200)],
        ["an AU file"] = [.. ".snd"u8, 0, 0, 0, 24, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 3, 0, 0, 0x3E, 0x80, 0, 0, 0, 1, .. Noise(200)],
        ["an AIFF file"] = [.. "FORM"u8, 0, 0, 0x10, 0, .. "AIFFCOMM"u8, .. Noise(200)],
        ["an AIFF-C file"] = [.. "FORM"u8, 0, 0, 0x10, 0, .. "AIFCFVER"u8, .. Noise(200)],
        ["a CAF file"] = [.. "caff"u8, 0, 1, 0, 0, .. "desc"u8, .. Noise(200)],
        ["an AMR file"] = [.. "#!AMR\n"u8, .. Noise(200)],
        ["an AMR-WB file"] = [.. "#!AMR-WB\n"u8, .. Noise(200)],
        ["an ASF or WMA file"] = [0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11, 0xA6, 0xD9, 0, 0xAA, 0, 0x62, 0xCE, 0x6C, .. Noise(200)],
        ["gzip data"] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, .. Noise(200)],
        ["base64 text"] = Encoding.ASCII.GetBytes(Convert.ToBase64String(Noise(300))),
        ["base64 text, of a WAV header"] = Encoding.ASCII.GetBytes(Convert.ToBase64String([.. "RIFF"u8, 0, 0, 0, 0, .. "WAVEfmt "u8, .. new byte[300]])),
        ["base64 text in lines"] = Encoding.ASCII.GetBytes(Convert.ToBase64String(Noise(300), Base64FormattingOptions.InsertLineBreaks)),
        ["base64 text of silence first"] = Encoding.ASCII.GetBytes(Convert.ToBase64String([.. new byte[300], .. Noise(300)])),
        ["JSON text"] = """{"error": {"code": 401, "message": "Invalid API key – вы не вошли."}}"""u8.ToArray(),
        ["JSON text in lines"] = "\r\n[\n  {\n    \"detail\": \"rate limit exceeded\"\n  }\n]"u8.ToArray(),
        ["HTML or XML text"] = "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head></html>"u8.ToArray(),
        ["HTML or XML text, an answer"] = [0xEF, 0xBB, 0xBF, .. "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>"u8],
        ["HTML or XML text, SSML"] = "<speak>Good morning to all of you.</speak>"u8.ToArray(),
        ["a data: URL"] = "data:audio/wav;base64,UklGRiQAAABXQVZF"u8.ToArray(),
        ["a stream of server-sent events"] = "data: {\"audio\": \"UklGRiQAAABXQVZF\"}\n\n"u8.ToArray(),
    };

    /// <summary>The kind of a name: what stands before its comma or variant.</summary>
    public static string KindOf(string name) => name
        .Replace(" at a low rate", "", StringComparison.Ordinal).Replace(" in lines", "", StringComparison.Ordinal)
        .Replace(" of silence first", "", StringComparison.Ordinal).Split(',')[0];

    /// <summary>Frames of layer III without a tag: 128 kbit/s at 44.1 kHz, or 32 kbit/s at 22.05 kHz.</summary>
    public static byte[] Mp3(int version, int frames)
    {
        bool isFirst = version != 2;
        var stream = new MemoryStream();
        for (int frame = 0; frame < frames; frame++)
        {
            int length = (isFirst ? 144 * 128_000 / 44100 : 72 * 32_000 / 22050) + (frame % 2);
            byte[] header = [0xFF, (byte)(isFirst ? 0xFB : 0xF3), (byte)((isFirst ? 0x90 : 0x40) | (frame % 2 * 2)), 0xC4];
            stream.Write([.. header, .. (frame == 0 ? new byte[2] : Noise(2)), .. Noise(length - 6)]);
        }

        return stream.ToArray();
    }

    /// <summary>Frames of AAC-LC, mono at 24 kHz, of changing lengths.</summary>
    public static byte[] Adts(int frames)
    {
        var stream = new MemoryStream();
        for (int frame = 0; frame < frames; frame++)
        {
            int length = 150 + (40 * frame);
            stream.Write([0xFF, 0xF1, 0x58, (byte)(0x40 | (length >> 11)), (byte)(length >> 3), (byte)(((length & 7) << 5) | 0x1F), 0xFC, .. Noise(length - 7)]);
        }

        return stream.ToArray();
    }

    private static byte[] Ogg(byte[] packet) =>
        [.. "OggS"u8, 0, 2, .. new byte[8], 1, 2, 3, 4, 0, 0, 0, 0, 5, 6, 7, 8, 1, (byte)packet.Length, .. packet, .. Noise(64)];

    private static byte[] Number(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        Content.NextBytes(bytes);
        return bytes;
    }
}
