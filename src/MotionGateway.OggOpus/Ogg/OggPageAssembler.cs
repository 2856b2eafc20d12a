using System.Buffers.Binary;

namespace MotionGateway.OggOpus.Ogg;

/// <summary>Puts pages together from bytes that are cut anywhere. Holds one page, at most 65,307 bytes.</summary>
internal sealed class OggPageAssembler
{
    private byte[] _page = new byte[4096];
    private int _length;
    private bool _isWhole;

    /// <summary>Whether nothing of a page has come that is not whole yet.</summary>
    public bool IsBetweenPages => _length == 0 || _isWhole;

    public bool ContinuesPacket => (Flags & OggPageFlags.Continued) != 0;

    public bool BeginsStream => (Flags & OggPageFlags.BeginOfStream) != 0;

    public bool EndsStream => (Flags & OggPageFlags.EndOfStream) != 0;

    public long GranulePosition => BinaryPrimitives.ReadInt64LittleEndian(_page.AsSpan(OggPageLayout.GranulePosition));

    public uint Serial => BinaryPrimitives.ReadUInt32LittleEndian(_page.AsSpan(OggPageLayout.Serial));

    public uint Sequence => BinaryPrimitives.ReadUInt32LittleEndian(_page.AsSpan(OggPageLayout.Sequence));

    /// <summary>The lengths of the page's segments.</summary>
    public ReadOnlySpan<byte> Segments => _page.AsSpan(OggPageLayout.Header, _page[OggPageLayout.SegmentCount]);

    public ReadOnlySpan<byte> Body => _page.AsSpan(OggPageLayout.Header + Segments.Length, _length - OggPageLayout.Header - Segments.Length);

    private OggPageFlags Flags => (OggPageFlags)_page[OggPageLayout.Flags];

    /// <summary>Takes bytes of the page now being put together, and begins a new one when the last is whole.</summary>
    /// <param name="input">Shortened by what was taken.</param>
    /// <returns>Whether a page is whole and its checksum right; then it can be read until the next call.</returns>
    /// <exception cref="OggOpusException">The bytes are no page.</exception>
    public bool TryFill(ref ReadOnlySpan<byte> input)
    {
        if (_isWhole)
        {
            _isWhole = false;
            _length = 0;
        }

        if (!TryFillTo(OggPageLayout.Header, ref input)
            || !TryFillTo(OggPageLayout.Header + _page[OggPageLayout.SegmentCount], ref input)
            || !TryFillTo(WholeLength(), ref input))
        {
            return false;
        }

        CheckChecksum();
        _isWhole = true;
        return true;
    }

    private bool TryFillTo(int target, ref ReadOnlySpan<byte> input)
    {
        if (_length >= target)
        {
            return true;
        }

        if (_page.Length < target)
        {
            Array.Resize(ref _page, Math.Min(Math.Max(target, _page.Length * 2), OggPageLayout.MaxPage));
        }

        int taken = Math.Min(target - _length, input.Length);
        input[..taken].CopyTo(_page.AsSpan(_length));
        _length += taken;
        input = input[taken..];
        CheckBeginning();
        return _length == target;
    }

    private int WholeLength()
    {
        int length = OggPageLayout.Header + Segments.Length;
        foreach (byte segment in Segments)
        {
            length += segment;
        }

        return length;
    }

    // As early as the bytes allow, so that a stream which is no Ogg at all is refused at its first bytes.
    private void CheckBeginning()
    {
        var pattern = OggPageLayout.CapturePattern;
        int known = Math.Min(_length, pattern.Length);
        if (!_page.AsSpan(0, known).SequenceEqual(pattern[..known]))
        {
            throw new OggOpusException(OggOpusError.NotOgg, "The bytes are no Ogg stream: a page must begin with \"OggS\".");
        }

        if (_length > OggPageLayout.Version && _page[OggPageLayout.Version] != 0)
        {
            throw new OggOpusException(OggOpusError.NotOgg, $"Ogg version {_page[OggPageLayout.Version]} is not known; only 0 is.");
        }
    }

    private void CheckChecksum()
    {
        var stated = _page.AsSpan(OggPageLayout.Checksum, sizeof(uint));
        uint expected = BinaryPrimitives.ReadUInt32LittleEndian(stated);
        stated.Clear();
        uint actual = OggCrc.Append(0, _page.AsSpan(0, _length));
        if (actual != expected)
        {
            throw new OggOpusException(OggOpusError.ChecksumMismatch, $"The checksum of page {Sequence} does not match its bytes.");
        }
    }
}
