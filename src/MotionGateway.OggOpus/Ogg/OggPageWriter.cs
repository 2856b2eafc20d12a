using System.Buffers;
using System.Buffers.Binary;

namespace MotionGateway.OggOpus.Ogg;

/// <summary>Collects whole packets and writes them as pages of one logical stream. A packet never spans pages here.</summary>
internal sealed class OggPageWriter(uint serial)
{
    private readonly byte[] _segments = new byte[OggPageLayout.MaxSegments];
    private byte[] _body = new byte[4096];
    private int _segmentCount;
    private int _bodyLength;
    private uint _sequence;

    public bool IsEmpty => _segmentCount == 0;

    /// <summary>Whether a packet still fits on the page.</summary>
    public bool HasRoomFor(int packetLength) => _segmentCount + SegmentsOf(packetLength) <= OggPageLayout.MaxSegments;

    /// <summary>Adds a packet, for which there must be room.</summary>
    public void Add(ReadOnlySpan<byte> packet)
    {
        if (_bodyLength + packet.Length > _body.Length)
        {
            Array.Resize(ref _body, Math.Max(_bodyLength + packet.Length, _body.Length * 2));
        }

        packet.CopyTo(_body.AsSpan(_bodyLength));
        _bodyLength += packet.Length;

        // The last segment is always shorter than 255 bytes, if need be empty: that marks the packet's end.
        int whole = SegmentsOf(packet.Length) - 1;
        _segments.AsSpan(_segmentCount, whole).Fill(OggPageLayout.MaxSegment);
        _segments[_segmentCount + whole] = (byte)(packet.Length % OggPageLayout.MaxSegment);
        _segmentCount += whole + 1;
    }

    /// <summary>Writes the page and begins the next.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="flags">What is special about the page.</param>
    /// <param name="granulePosition">Samples at 48 kHz up to the end of its last packet.</param>
    public void Flush(IBufferWriter<byte> output, OggPageFlags flags, long granulePosition)
    {
        int headerLength = OggPageLayout.Header + _segmentCount;
        int length = headerLength + _bodyLength;
        var page = output.GetSpan(length)[..length];

        OggPageLayout.CapturePattern.CopyTo(page);
        page[OggPageLayout.Version] = 0;
        page[OggPageLayout.Flags] = (byte)flags;
        BinaryPrimitives.WriteInt64LittleEndian(page[OggPageLayout.GranulePosition..], granulePosition);
        BinaryPrimitives.WriteUInt32LittleEndian(page[OggPageLayout.Serial..], serial);
        BinaryPrimitives.WriteUInt32LittleEndian(page[OggPageLayout.Sequence..], _sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(page[OggPageLayout.Checksum..], 0);
        page[OggPageLayout.SegmentCount] = (byte)_segmentCount;
        _segments.AsSpan(0, _segmentCount).CopyTo(page[OggPageLayout.Header..]);
        _body.AsSpan(0, _bodyLength).CopyTo(page[headerLength..]);

        // Computed over the whole page with the field itself zero.
        BinaryPrimitives.WriteUInt32LittleEndian(page[OggPageLayout.Checksum..], OggCrc.Append(0, page));
        output.Advance(length);
        _sequence++;
        _segmentCount = 0;
        _bodyLength = 0;
    }

    private static int SegmentsOf(int packetLength) => (packetLength / OggPageLayout.MaxSegment) + 1;
}
