namespace MotionGateway.Speech.Recognition;

/// <summary>Files that begin with bytes of their own.</summary>
internal static class Containers
{
    private const int OggFixedHeader = 27;
    private const int OggSegmentCount = 26;
    private const int OggMagic = 8;

    // At least 37 bits of each are fixed: random bytes begin like one of them once in 10^11 chunks.
    private static readonly BytePattern[] Patterns =
    [
        new(Finding.Wav, "52 49 46 46 ?? ?? ?? ?? 57 41 56 45"),
        new(Finding.Sox("an RF64 file", "rf64"), "52 46 36 34 ?? ?? ?? ?? 57 41 56 45"),
        new(Finding.Sox("a BW64 file", "wav"), "42 57 36 34 ?? ?? ?? ?? 57 41 56 45"),
        new(Finding.Sox("a big-endian WAV file", "wav"), "52 49 46 58 ?? ?? ?? ?? 57 41 56 45"),
        new(Finding.Audio("a FLAC file", "flac"), "66 4C 61 43 00 00 00 22"),
        new(Finding.Audio("a FLAC file", "flac"), "66 4C 61 43 80 00 00 22"),
        new(Finding.Audio("an MP3 file with an ID3 tag", "mp3"), "49 44 33 02-04 00-0F 00-F0 00-7F 00-7F 00-7F 00-7F"),
        new(Finding.Audio("a WebM or Matroska file", "webm"), "1A 45 DF A3 80-FF 42 82-F7"),
        new(Finding.Audio("a WebM or Matroska file", "webm"), "1A 45 DF A3 01 00 00 00 00 00 00 ?? 42 82-F7"),
        new(Finding.Audio("an MP4 or M4A file", "m4a"), "00 00 00-04 ?? 66 74 79 70 20-7E 20-7E 20-7E 20-7E"),
        new(Finding.Sox("an AU file", "au"), "2E 73 6E 64 00 00 ?? ?? ?? ?? ?? ?? 00 00 00 01-1B"),
        new(Finding.Sox("an AIFF file", "aiff"), "46 4F 52 4D ?? ?? ?? ?? 41 49 46 46"),
        new(Finding.Sox("an AIFF-C file", "aifc"), "46 4F 52 4D ?? ?? ?? ?? 41 49 46 43"),
        new(Finding.Audio("a CAF file", "caf"), "63 61 66 66 00 01 00 00"),
        new(Finding.Audio("an AMR file", "amr"), "23 21 41 4D 52 0A"),
        new(Finding.Audio("an AMR-WB file", "amr"), "23 21 41 4D 52 2D 57 42 0A"),
        new(Finding.Audio("an ASF or WMA file", "wma"), "30 26 B2 75 8E 66 CF 11"),
        new(
            new("gzip data", "Decompress it before sending: ask the source for an answer without Content-Encoding, or use `gzip -d`."),
            "1F 8B 08 00-1F ?? ?? ?? ?? 00-04 00-FF"),
    ];

    private static readonly BytePattern OggPage = new(Finding.Audio("an Ogg stream", "ogg"), "4F 67 67 53 00 00-07");

    private static readonly Finding Vorbis = Finding.Audio("an Ogg Vorbis stream", "ogg");
    private static readonly Finding OggFlac = Finding.Audio("an Ogg FLAC stream", "oga");
    private static readonly Finding Speex = Finding.Audio("an Ogg Speex stream", "spx");

    /// <summary>Whether anything here begins with a byte.</summary>
    public static bool MayBegin(byte first) =>
        first == OggPage.First.Low || Array.Exists(Patterns, pattern => first >= pattern.First.Low && first <= pattern.First.High);

    public static Match Match(ReadOnlySpan<byte> bytes, out Finding? finding)
    {
        var best = Recognition.Match.No;
        foreach (var pattern in Patterns)
        {
            var match = pattern.Match(bytes);
            if (match == Recognition.Match.Yes)
            {
                finding = pattern.Finding;
                return match;
            }

            best = match > best ? match : best;
        }

        finding = null;
        return best;
    }

    /// <summary>Whether bytes begin an Ogg page, and of what: its first packet is waited for.</summary>
    public static Match MatchOgg(ReadOnlySpan<byte> bytes, bool isEnd, out Finding? finding)
    {
        finding = OggPage.Finding;
        var match = OggPage.Match(bytes);
        if (match != Recognition.Match.Yes || isEnd)
        {
            return match;
        }

        if (bytes.Length < OggFixedHeader || bytes.Length < OggFixedHeader + bytes[OggSegmentCount] + OggMagic)
        {
            return Recognition.Match.Perhaps;
        }

        var packet = bytes[(OggFixedHeader + bytes[OggSegmentCount])..];
        finding = packet.StartsWith("OpusHead"u8) ? Finding.OggOpus
            : packet.StartsWith("\u0001vorbis"u8) ? Vorbis
            : packet.StartsWith("\u007FFLAC"u8) ? OggFlac
            : packet.StartsWith("Speex   "u8) ? Speex
            : finding;
        return Recognition.Match.Yes;
    }
}
