using System.Buffers.Binary;

namespace MotionGateway.OggOpus;

/// <summary>The identification header of an Ogg Opus stream (RFC 7845, section 5.1), of mapping family 0: one or two channels.</summary>
/// <param name="ChannelCount">1 or 2.</param>
/// <param name="PreSkip">Samples at 48 kHz that a decoder drops from the start.</param>
/// <param name="InputSampleRate">Hertz of the audio that was encoded, for information; 0 when unknown.</param>
/// <param name="OutputGain">What a decoder amplifies by, in 1/256 dB.</param>
internal readonly record struct OpusHead(int ChannelCount, int PreSkip, uint InputSampleRate, short OutputGain)
{
    public const int Length = 19;

    private const int VersionOffset = 8;
    private const int ChannelsOffset = 9;
    private const int PreSkipOffset = 10;
    private const int RateOffset = 12;
    private const int GainOffset = 16;
    private const int FamilyOffset = 18;

    public static ReadOnlySpan<byte> Magic => "OpusHead"u8;

    public static ReadOnlySpan<byte> TagsMagic => "OpusTags"u8;

    public static OpusHead Parse(ReadOnlySpan<byte> packet)
    {
        if (packet.Length < Length || !packet.StartsWith(Magic))
        {
            throw new OggOpusException(OggOpusError.BadHeader, "The stream does not begin with an OpusHead: it is no Ogg Opus.");
        }

        // The upper half of the version is the incompatible part.
        if ((packet[VersionOffset] & 0xF0) != 0)
        {
            throw new OggOpusException(OggOpusError.UnsupportedStream, $"Version {packet[VersionOffset]} of OpusHead is not supported; only 0 to 15 are.");
        }

        int channels = packet[ChannelsOffset];
        if (packet[FamilyOffset] != 0 || channels is not (1 or 2))
        {
            throw new OggOpusException(
                OggOpusError.UnsupportedStream,
                $"{channels} channels with mapping family {packet[FamilyOffset]} are not supported; one or two with family 0 are.");
        }

        return new(
            channels,
            BinaryPrimitives.ReadUInt16LittleEndian(packet[PreSkipOffset..]),
            BinaryPrimitives.ReadUInt32LittleEndian(packet[RateOffset..]),
            BinaryPrimitives.ReadInt16LittleEndian(packet[GainOffset..]));
    }

    public byte[] ToPacket()
    {
        var packet = new byte[Length];
        Magic.CopyTo(packet);
        packet[VersionOffset] = 1;
        packet[ChannelsOffset] = (byte)ChannelCount;
        BinaryPrimitives.WriteUInt16LittleEndian(packet.AsSpan(PreSkipOffset), checked((ushort)PreSkip));
        BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(RateOffset), InputSampleRate);
        BinaryPrimitives.WriteInt16LittleEndian(packet.AsSpan(GainOffset), OutputGain);
        packet[FamilyOffset] = 0;
        return packet;
    }
}
