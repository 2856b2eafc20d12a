namespace MotionGateway.OggOpus;

/// <summary>One Opus packet and which part of it is heard. Valid until the reader is used again.</summary>
public readonly ref struct OggOpusPacket
{
    internal OggOpusPacket(ReadOnlySpan<byte> data, int durationSamples, int skippedSamples, int trimmedSamples)
    {
        Data = data;
        DurationSamples = durationSamples;
        SkippedSamples = skippedSamples;
        TrimmedSamples = trimmedSamples;
    }

    /// <summary>The packet's bytes; never empty.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>Audio that the packet decodes to, in samples at 48 kHz: 120 to 5760.</summary>
    public int DurationSamples { get; }

    /// <summary>Of these, how many at the beginning are dropped: the stream's pre-skip.</summary>
    public int SkippedSamples { get; }

    /// <summary>Of these, how many at the end are dropped: the stream ends before them.</summary>
    public int TrimmedSamples { get; }

    /// <summary>What is heard of the packet, in samples at 48 kHz.</summary>
    public int PlayedSamples => DurationSamples - SkippedSamples - TrimmedSamples;
}
