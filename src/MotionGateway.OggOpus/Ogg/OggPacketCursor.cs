namespace MotionGateway.OggOpus.Ogg;

/// <summary>Walks over the packets of page after page; what a page leaves open is kept for the next.</summary>
/// <param name="page">The pages.</param>
/// <param name="maxPacket">The largest packet, in bytes.</param>
internal sealed class OggPacketCursor(OggPageAssembler page, int maxPacket)
{
    private byte[] _carried = [];
    private int _carriedLength;
    private int _segment;
    private int _offset;

    /// <summary>Whether a packet goes on on the next page.</summary>
    public bool IsWithinPacket => _carriedLength > 0;

    /// <summary>Whether all segments of the page are behind.</summary>
    public bool IsAtEndOfPage => _segment == page.Segments.Length;

    /// <summary>Goes to the beginning of the page that the assembler now holds.</summary>
    public void BeginPage()
    {
        if (page.ContinuesPacket != IsWithinPacket)
        {
            throw new OggOpusException(
                OggOpusError.BadPacket,
                IsWithinPacket ? "A packet is not continued on the page after it." : "A page continues a packet that was never begun.");
        }

        Rewind();
    }

    /// <summary>Goes back to the beginning of the page; no packet of it may have been carried over yet.</summary>
    public void Rewind()
    {
        _segment = 0;
        _offset = 0;
    }

    /// <summary>Tells the duration of the next packet that ends on the page, and passes it by.</summary>
    /// <param name="duration">Samples at 48 kHz.</param>
    /// <param name="isFirst">Whether it is the first on the page, to which the carried bytes belong.</param>
    /// <returns>False at the end of the page.</returns>
    public bool TryMeasure(bool isFirst, out int duration)
    {
        bool isWhole = TryPass(out var data);
        int carried = isFirst ? _carriedLength : 0;
        if (carried + data.Length > maxPacket)
        {
            throw new OggOpusException(OggOpusError.PacketTooLarge, $"A packet is larger than {maxPacket} bytes, the most that Opus has.");
        }

        duration = isWhole ? Measure(_carried.AsSpan(0, carried), data) : 0;
        return isWhole;
    }

    /// <summary>Takes the next packet that ends on the page; at its end keeps what is left for the next page.</summary>
    public bool TryTake(out ReadOnlySpan<byte> packet)
    {
        bool isWhole = TryPass(out packet);
        if (IsWithinPacket || !isWhole)
        {
            Carry(packet);
            packet = _carried.AsSpan(0, _carriedLength);
        }

        if (isWhole)
        {
            _carriedLength = 0;
        }

        return isWhole;
    }

    private static int Measure(ReadOnlySpan<byte> carried, ReadOnlySpan<byte> data)
    {
        int length = carried.Length + data.Length;
        byte At(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail, int index) => index < head.Length ? head[index] : tail[index - head.Length];
        int duration = length == 0 ? -1 : OpusPacketDuration.Of(At(carried, data, 0), length > 1 ? At(carried, data, 1) : -1);
        return duration > 0
            ? duration
            : throw new OggOpusException(OggOpusError.BadPacket, "A packet is empty, or holds no frame or more than 120 ms: it is no Opus.");
    }

    // A segment shorter than 255 bytes ends its packet.
    private bool TryPass(out ReadOnlySpan<byte> data)
    {
        var segments = page.Segments;
        int start = _offset;
        bool isWhole = false;
        while (!isWhole && _segment < segments.Length)
        {
            byte segment = segments[_segment++];
            _offset += segment;
            isWhole = segment < OggPageLayout.MaxSegment;
        }

        data = page.Body[start.._offset];
        return isWhole;
    }

    private void Carry(ReadOnlySpan<byte> data)
    {
        int length = _carriedLength + data.Length;
        if (length > _carried.Length)
        {
            Array.Resize(ref _carried, Math.Min(Math.Max(length, _carried.Length * 2), maxPacket));
        }

        data.CopyTo(_carried.AsSpan(_carriedLength));
        _carriedLength = length;
    }
}
