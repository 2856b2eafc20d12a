namespace MotionGateway.Speech.Recognition;

/// <summary>
/// Streams of frames without a file's header: MP3 and AAC. A frame's first two bytes are ordinary samples, so three headers are demanded
/// that agree and stand where each says that the next one is.
/// </summary>
internal static class FrameHeaders
{
    private const byte Sync = 0xFF;
    private const int Frames = 3;
    private const int MpegHeader = 4;
    private const int AdtsHeader = 7;

    // Two channels of 6144 bits, the most that a frame of AAC-LC has, and its header.
    private const int MaxAdtsFrame = (2 * 768) + AdtsHeader;

    // Kilobits a second by bitrate index; version 1 layer III, version 1 layer II, versions 2 and 2.5.
    private static readonly int[] Layer3 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    private static readonly int[] Layer2 = [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384];
    private static readonly int[] Lower = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    private static readonly int[] Rates = [44100, 48000, 32000];

    private static readonly Finding Mp3 = Finding.Audio("an MP3 stream", "mp3");
    private static readonly Finding Adts = Finding.Audio("an AAC stream (ADTS)", "aac");

    private delegate int FrameLength(ReadOnlySpan<byte> header);

    public static bool MayBegin(byte first) => first == Sync;

    /// <summary>Looks for both.</summary>
    /// <param name="bytes">What there is so far.</param>
    /// <param name="isByteAudio">
    /// Whether a byte may be a sample, whose quiet values are a header's: then only layer III is looked for, from a stream's first frame,
    /// which refers to no earlier one.
    /// </param>
    /// <param name="finding">What it is or may be.</param>
    public static Match Match(ReadOnlySpan<byte> bytes, bool isByteAudio, out Finding? finding)
    {
        finding = Mp3;
        var mpeg = isByteAudio && RefersBack(bytes) ? Recognition.Match.No : Follow(bytes, MpegHeader, MpegLength, 0x0C);
        if (mpeg == Recognition.Match.Yes)
        {
            return mpeg;
        }

        var adts = Follow(bytes, AdtsHeader, AdtsLength, 0xFF);
        finding = adts == Recognition.Match.Yes ? Adts : null;
        return mpeg > adts ? mpeg : adts;
    }

    // The second byte of all headers is the same, and of the third the bits that the mask has.
    private static Match Follow(ReadOnlySpan<byte> bytes, int headerLength, FrameLength lengthOf, byte thirdMask)
    {
        int position = 0;
        for (int frame = 0; frame < Frames; frame++)
        {
            var header = bytes[Math.Min(position, bytes.Length)..];
            if ((header.Length > 0 && header[0] != Sync)
                || (header.Length > 1 && header[1] != bytes[1])
                || (header.Length > 2 && (header[2] & thirdMask) != (bytes[2] & thirdMask)))
            {
                return Recognition.Match.No;
            }

            if (header.Length < headerLength)
            {
                return MayGrow(header) ? Recognition.Match.Perhaps : Recognition.Match.No;
            }

            int length = lengthOf(header);
            if (length == 0)
            {
                return Recognition.Match.No;
            }

            position += length;
        }

        return Recognition.Match.Yes;
    }

    // Twelve set bits begin MPEG's headers of layers II and III, and AAC's; eleven those of version 2.5.
    private static bool MayGrow(ReadOnlySpan<byte> header) =>
        header.Length < 2 || ((header[1] & 0xE0) == 0xE0 && (header[1] & 0x06) != 0x06);

    private static int MpegLength(ReadOnlySpan<byte> header)
    {
        int version = (header[1] >> 3) & 3;
        int layer = (header[1] >> 1) & 3;
        int bitrateIndex = header[2] >> 4;
        int rateIndex = (header[2] >> 2) & 3;
        bool isReserved = (header[1] & 0xE0) != 0xE0 || version == 1 || layer is 0 or 3 || (header[3] & 3) == 2;

        // Index 0 is a length that nobody states: no stream of a speech service has it, and silence does.
        if (isReserved || bitrateIndex is 0 or 15 || rateIndex == 3)
        {
            return 0;
        }

        bool isVersion1 = version == 3;
        bool isLayer3 = layer == 1;
        int[] bitrates = isVersion1 ? isLayer3 ? Layer3 : Layer2 : Lower;
        int rate = Rates[rateIndex] >> (version switch { 3 => 0, 2 => 1, _ => 2 });
        int samplesOfBytes = isLayer3 && !isVersion1 ? 72 : 144;
        return (samplesOfBytes * bitrates[bitrateIndex] * 1000 / rate) + ((header[2] >> 1) & 1);
    }

    private static bool RefersBack(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2)
        {
            return false;
        }

        if ((bytes[1] & 0x06) != 0x02)
        {
            return true;
        }

        // Behind the header, and the checksum where there is one: how far back the frame's data begins, 9 bits in version 1 and 8 else.
        int sideInformation = MpegHeader + ((bytes[1] & 1) == 0 ? sizeof(ushort) : 0);
        return (bytes.Length > sideInformation && bytes[sideInformation] != 0)
            || (bytes.Length > sideInformation + 1 && (bytes[1] & 0x18) == 0x18 && (bytes[sideInformation + 1] & 0x80) != 0);
    }

    private static int AdtsLength(ReadOnlySpan<byte> header)
    {
        int channels = ((header[2] & 1) << 2) | (header[3] >> 6);
        bool isLowComplexity = header[2] >> 6 == 1;
        int rateIndex = (header[2] >> 2) & 0xF;
        bool hasCopyrightBits = (header[3] & 0x0C) != 0;
        if ((header[1] & 0xF6) != 0xF0 || !isLowComplexity || rateIndex > 12 || channels is not (1 or 2) || hasCopyrightBits)
        {
            return 0;
        }

        int length = ((header[3] & 3) << 11) | (header[4] << 3) | (header[5] >> 5);
        return length is > AdtsHeader and <= MaxAdtsFrame ? length : 0;
    }
}
