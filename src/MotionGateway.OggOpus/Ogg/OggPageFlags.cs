namespace MotionGateway.OggOpus.Ogg;

/// <summary>The header type of a page (RFC 3533, section 6).</summary>
[Flags]
internal enum OggPageFlags : byte
{
    None = 0,

    /// <summary>Its first packet began on the page before.</summary>
    Continued = 1,

    BeginOfStream = 2,

    EndOfStream = 4,
}
