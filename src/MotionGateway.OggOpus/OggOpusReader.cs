using MotionGateway.OggOpus.Ogg;

namespace MotionGateway.OggOpus;

/// <summary>
/// Takes one logical Ogg Opus stream apart into packets, from bytes that are cut anywhere, and tells how much audio they hold;
/// it decodes nothing and needs no library. Not safe for use by several threads at a time.
/// </summary>
/// <remarks>
/// It holds at most one page (65,307 bytes) and one packet (61,440 bytes). Whatever the bytes are, nothing but an
/// <see cref="OggOpusException"/> is thrown, and after one every use throws the same again: a stream that has lost its place
/// has no sound end.
/// </remarks>
public sealed class OggOpusReader
{
    // The most that a packet of one stream has, by RFC 7845, section 6.
    private const int MaxPacket = 61_440;

    private readonly OggPageAssembler _page = new();
    private readonly OpusHeaderPages _headers;
    private readonly OggPacketCursor _cursor;
    private OggOpusException? _failure;
    private bool _isOnAudioPage;
    private uint _serial;
    private uint _nextSequence;
    private long? _position;
    private int _preSkipLeft;
    private int _keptOfPage;

    /// <summary>Creates a reader at the beginning of a stream.</summary>
    public OggOpusReader()
    {
        _headers = new(_page);
        _cursor = new(_page, MaxPacket);
    }

    /// <summary>Whether the stream's identification header has been read, which tells the properties that are null without it.</summary>
    public bool HasHeader => _headers.Head is not null;

    /// <summary>Channels, 1 or 2; null before the header.</summary>
    public int? ChannelCount => _headers.Head?.ChannelCount;

    /// <summary>Samples at 48 kHz that a decoder drops from the start; null before the header.</summary>
    public int? PreSkip => _headers.Head?.PreSkip;

    /// <summary>Hertz of the audio that was encoded, for information, 0 when the encoder did not say; null before the header.</summary>
    public long? InputSampleRate => _headers.Head?.InputSampleRate;

    /// <summary>What a decoder amplifies by, in 1/256 dB; null before the header.</summary>
    public int? OutputGain => _headers.Head?.OutputGain;

    /// <summary>
    /// Granule position of the last audio page that told one: samples at 48 kHz up to its end, pre-skip included.
    /// Null before the first.
    /// </summary>
    public long? GranulePosition { get; private set; }

    /// <summary>
    /// Audio heard so far, in samples at 48 kHz: the packets read, less the pre-skip at the beginning, and at the end what the
    /// last page's granule position trims. In a well-formed stream that is the granule position less the pre-skip at the end
    /// of each page; where a position leaves a gap or begins elsewhere than at 0, what the packets hold counts, as it is what
    /// a decoder plays.
    /// </summary>
    public long DurationSamples { get; private set; }

    /// <summary>Whether the last packet of the page that ends the stream has been read.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Reads up to the next packet. Call it until it says false, then with the bytes that follow.</summary>
    /// <param name="ogg">The bytes to read; what was taken is cut off. Empty when the result is false.</param>
    /// <param name="packet">The packet; valid until the next call.</param>
    /// <returns>Whether there is one; false when more bytes are needed.</returns>
    /// <exception cref="OggOpusException">The stream is malformed; <see cref="OggOpusException.Error"/> tells how.</exception>
    public bool TryRead(ref ReadOnlySpan<byte> ogg, out OggOpusPacket packet)
    {
        ThrowIfFailed();
        try
        {
            while (true)
            {
                if (_isOnAudioPage && TryTake(out packet))
                {
                    return true;
                }

                if (ogg.IsEmpty || !TryBeginPage(ref ogg))
                {
                    packet = default;
                    return false;
                }
            }
        }
        catch (OggOpusException e)
        {
            _failure = e;
            throw;
        }
    }

    /// <summary>Says that no more bytes will come.</summary>
    /// <exception cref="OggOpusException">The stream has not ended, or has failed before.</exception>
    public void Complete()
    {
        ThrowIfFailed();
        if (!IsEnded)
        {
            throw new OggOpusException(
                OggOpusError.Truncated,
                _page.IsBetweenPages ? "The bytes ended without a page that ends the stream." : "The bytes ended within a page.");
        }
    }

    // Thrown anew each time: an exception is not to be thrown from two places.
    private void ThrowIfFailed()
    {
        if (_failure is not null)
        {
            throw new OggOpusException(_failure.Error, _failure.Message);
        }
    }

    private bool TryTake(out OggOpusPacket packet)
    {
        bool isPacket = _cursor.TryTake(out var data);
        packet = isPacket ? Place(data) : default;
        if (_cursor.IsAtEndOfPage && _page.EndsStream)
        {
            IsEnded = !_cursor.IsWithinPacket
                ? true
                : throw new OggOpusException(OggOpusError.BadPacket, "The stream ends within a packet.");
        }

        _isOnAudioPage = isPacket;
        return isPacket;
    }

    private OggOpusPacket Place(ReadOnlySpan<byte> data)
    {
        int duration = OpusPacketDuration.Of(data[0], data.Length > 1 ? data[1] : -1);
        int kept = Math.Min(duration, _keptOfPage);
        int skipped = Math.Min(kept, _preSkipLeft);
        _keptOfPage -= kept;
        _preSkipLeft -= skipped;
        var packet = new OggOpusPacket(data, duration, skipped, duration - kept);
        DurationSamples += packet.PlayedSamples;
        return packet;
    }

    private bool TryBeginPage(ref ReadOnlySpan<byte> ogg)
    {
        if (IsEnded)
        {
            throw new OggOpusException(OggOpusError.DataAfterEnd, "Bytes follow the end of the stream; one logical stream is taken.");
        }

        if (!_page.TryFill(ref ogg))
        {
            return false;
        }

        CheckPlaceInStream();
        if (_headers.IsComplete)
        {
            _cursor.BeginPage();
            MeasurePage();
            _isOnAudioPage = true;
        }
        else
        {
            _headers.ReadPage();
            _preSkipLeft = _headers.Head?.PreSkip ?? 0;
            IsEnded = _page.EndsStream;
            if (IsEnded && !_headers.IsComplete)
            {
                throw new OggOpusException(OggOpusError.BadHeader, "The stream ends within its headers.");
            }
        }

        return true;
    }

    private void CheckPlaceInStream()
    {
        if (_page.BeginsStream == HasHeader || (HasHeader && _page.Serial != _serial))
        {
            throw new OggOpusException(
                OggOpusError.SeveralStreams,
                HasHeader ? "A second logical stream begins; one is taken." : "The first page does not begin a logical stream.");
        }

        if (HasHeader && _page.Sequence != _nextSequence)
        {
            throw new OggOpusException(OggOpusError.PageOutOfSequence, $"Page {_page.Sequence} came where page {_nextSequence} was expected.");
        }

        _serial = _page.Serial;
        _nextSequence = unchecked(_page.Sequence + 1);
    }

    // The whole page is looked at before its first packet is handed out, because its granule position may trim any of them.
    private void MeasurePage()
    {
        int total = 0;
        bool hasPacket = false;
        while (_cursor.TryMeasure(isFirst: !hasPacket, out int duration))
        {
            hasPacket = true;
            total += duration;
        }

        _cursor.Rewind();
        _keptOfPage = total;
        long granule = _page.GranulePosition;
        bool tells = granule != OggPageLayout.NoGranulePosition;
        if (tells ? granule < (GranulePosition ?? 0) : hasPacket)
        {
            throw new OggOpusException(OggOpusError.BadGranulePosition, $"Page {_page.Sequence} has the granule position {granule}.");
        }

        if (tells)
        {
            Trim(granule, total);
            GranulePosition = granule;
        }
    }

    // Only the last page may tell less than its packets hold. A stream of a single page begins at 0 even then.
    private void Trim(long granule, int total)
    {
        if (_page.EndsStream)
        {
            long start = _position ?? Math.Max(0, granule - total);
            _keptOfPage = total - (int)Math.Clamp(start + total - granule, 0, total);
        }

        _position = granule;
    }
}
