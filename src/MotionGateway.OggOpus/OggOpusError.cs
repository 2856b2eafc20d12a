namespace MotionGateway.OggOpus;

/// <summary>What is wrong with an Ogg Opus stream.</summary>
public enum OggOpusError
{
    /// <summary>The bytes are no Ogg page of a known version.</summary>
    NotOgg,

    /// <summary>A page's checksum does not match its bytes.</summary>
    ChecksumMismatch,

    /// <summary>A page is missing, repeated or out of order.</summary>
    PageOutOfSequence,

    /// <summary>Pages of a second logical stream came, or the first page began none.</summary>
    SeveralStreams,

    /// <summary>The identification or the comment header is absent or malformed.</summary>
    BadHeader,

    /// <summary>The stream is Opus of a kind that is not read here: another major version, or more than two channels.</summary>
    UnsupportedStream,

    /// <summary>A packet is empty, longer than 120 ms, or cut against the page's own flags.</summary>
    BadPacket,

    /// <summary>A packet is larger than any Opus packet can be.</summary>
    PacketTooLarge,

    /// <summary>A granule position is negative or lower than an earlier one.</summary>
    BadGranulePosition,

    /// <summary>Bytes follow the page that ends the stream.</summary>
    DataAfterEnd,

    /// <summary>The bytes ended before the stream did.</summary>
    Truncated,

    /// <summary>The codec refused to work on what it was given.</summary>
    CodecFailure,
}
