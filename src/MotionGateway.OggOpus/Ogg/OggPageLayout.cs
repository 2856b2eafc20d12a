namespace MotionGateway.OggOpus.Ogg;

/// <summary>Where the fields of a page are, in bytes from its start; numbers are little-endian (RFC 3533, section 6).</summary>
internal static class OggPageLayout
{
    public const int Version = 4;
    public const int Flags = 5;
    public const int GranulePosition = 6;
    public const int Serial = 14;
    public const int Sequence = 18;
    public const int Checksum = 22;
    public const int SegmentCount = 26;
    public const int Header = 27;

    public const int MaxSegments = 255;
    public const int MaxSegment = 255;
    public const int MaxPage = Header + MaxSegments + (MaxSegments * MaxSegment);

    /// <summary>The granule position of a page on which no packet ends.</summary>
    public const long NoGranulePosition = -1;

    public static ReadOnlySpan<byte> CapturePattern => "OggS"u8;
}
