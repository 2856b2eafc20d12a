namespace MotionGateway.Speech.Recognition;

/// <summary>Tells by the first bytes what cannot be samples.</summary>
internal static class Recognizer
{
    /// <summary>Bytes that are looked at before it is decided that they are samples: three frames of MPEG audio, at most.</summary>
    public const int MaxHeld = 4096;

    private static readonly bool[] Beginnings =
    [
        .. Enumerable.Range(0, 256).Select(value => (byte)value).Select(first =>
            Containers.MayBegin(first) || FrameHeaders.MayBegin(first) || Texts.MayBegin(first) || Base64Text.MayBegin(first)),
    ];

    /// <summary>Whether bytes begin something that is no samples.</summary>
    /// <param name="bytes">What there is so far; not empty.</param>
    /// <param name="isEnd">Whether no more will come.</param>
    /// <param name="encoding">What the bytes are said to be.</param>
    /// <param name="finding">What they are, with <see cref="Match.Yes"/>.</param>
    public static Match Match(ReadOnlySpan<byte> bytes, bool isEnd, SpeechEncoding encoding, out Finding? finding)
    {
        finding = null;
        if (!Beginnings[bytes[0]])
        {
            return Recognition.Match.No;
        }

        bool isByteAudio = encoding is not (SpeechEncoding.PcmS16Le or SpeechEncoding.PcmF32Le);
        var best = Recognition.Match.No;
        for (int recognizer = 0; recognizer < 5; recognizer++)
        {
            var match = recognizer switch
            {
                0 => Containers.Match(bytes, out finding),
                1 => Containers.MatchOgg(bytes, isEnd, out finding),
                2 => FrameHeaders.Match(bytes, isByteAudio, out finding),
                3 => Texts.Match(bytes, isEnd, out finding),
                _ => MatchBase64(bytes, out finding),
            };
            if (match == Recognition.Match.Yes)
            {
                return match;
            }

            best = match > best ? match : best;
        }

        finding = null;
        return isEnd || bytes.Length >= MaxHeld ? Recognition.Match.No : best;
    }

    private static Match MatchBase64(ReadOnlySpan<byte> bytes, out Finding finding)
    {
        finding = Finding.Base64;
        return Base64Text.Match(bytes);
    }
}
