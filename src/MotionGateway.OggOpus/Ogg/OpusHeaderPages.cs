namespace MotionGateway.OggOpus.Ogg;

/// <summary>Reads the pages before the audio: the identification header, alone on the first, and the comments, which are not kept.</summary>
internal sealed class OpusHeaderPages(OggPageAssembler page)
{
    // What RFC 7845 (section 5.2) lets a reader refuse: 120 MiB, pictures included.
    private const long MaxTags = 120L * 1024 * 1024;
    private const int MinTags = 16;

    private long _tagsLength;

    /// <summary>The identification header; null before its page.</summary>
    public OpusHead? Head { get; private set; }

    /// <summary>Whether both headers have been read, so that audio follows.</summary>
    public bool IsComplete { get; private set; }

    public void ReadPage()
    {
        bool isContinuation = _tagsLength > 0;
        if (page.ContinuesPacket != isContinuation)
        {
            throw Malformed(Head is null ? "The first page must begin a packet." : "The comment header is broken off.");
        }

        if (Head is null)
        {
            Head = EndsPacket() ? OpusHead.Parse(page.Body) : throw Malformed("The first page must hold the OpusHead and nothing else.");
            return;
        }

        if (!isContinuation && (page.Body.Length < MinTags || !page.Body.StartsWith(OpusHead.TagsMagic)))
        {
            throw Malformed("The OpusHead is not followed by an OpusTags.");
        }

        _tagsLength += page.Body.Length;
        if (_tagsLength > MaxTags)
        {
            throw new OggOpusException(OggOpusError.PacketTooLarge, $"The comment header is larger than {MaxTags} bytes.");
        }

        IsComplete = EndsPacket();
    }

    private static OggOpusException Malformed(string message) => new(OggOpusError.BadHeader, message);

    // A header ends the page on which it ends.
    private bool EndsPacket()
    {
        int end = page.Segments.IndexOfAnyExcept((byte)OggPageLayout.MaxSegment);
        return end < 0 || end == page.Segments.Length - 1
            ? end >= 0
            : throw Malformed("A header shares its last page with another packet.");
    }
}
