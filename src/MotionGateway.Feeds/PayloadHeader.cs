namespace MotionGateway.Feeds;

/// <summary>
/// The fields of an encoded response that readers and logs need, read in place. The response is a serialized
/// <c>SubscribeResponse</c> or <c>SpeakResponse</c>: both hold the payload in the same field.
/// </summary>
public readonly ref struct PayloadHeader
{
    /// <summary>Field of <c>payload</c> in both responses.</summary>
    public const int PayloadField = 2;

    private const uint PayloadTag = (PayloadField << 3) | 2;

    private PayloadHeader(
        uint epoch, long sequence, ReadOnlySpan<byte> turnId, PayloadKind kind, ReadOnlySpan<byte> content)
    {
        Epoch = epoch;
        Sequence = sequence;
        TurnId = turnId;
        Kind = kind;
        Content = content;
    }

    /// <summary>The owner's epoch.</summary>
    public uint Epoch { get; }

    /// <summary>Place in the log, from 1.</summary>
    public long Sequence { get; }

    /// <summary>The turn's id in UTF-8; empty when the payload belongs to no turn.</summary>
    public ReadOnlySpan<byte> TurnId { get; }

    /// <summary>What the payload holds.</summary>
    public PayloadKind Kind { get; }

    /// <summary>The serialized content message.</summary>
    public ReadOnlySpan<byte> Content { get; }

    /// <summary>Reads the header of an encoded response.</summary>
    /// <param name="response">The serialized response.</param>
    /// <param name="header">The header.</param>
    /// <returns>False when the bytes are no such message or hold no payload.</returns>
    public static bool TryRead(ReadOnlySpan<byte> response, out PayloadHeader header)
    {
        header = default;
        var outer = new FieldReader(response);
        while (outer.TryReadTag(out uint tag))
        {
            if (tag == PayloadTag)
            {
                return outer.TryReadBytes(out var payload) && TryReadPayload(payload, out header);
            }

            if (!outer.TrySkip(tag))
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>With an ended turn that was interrupted: the sequences that it discards; null otherwise.</summary>
    public SequenceSpan? ReadDiscarded()
    {
        const uint discardedField = 4;
        return TryReadBytes(discardedField, out var range) ? ReadRange(range) : null;
    }

    /// <summary>With an ended turn: its outcome, as the number in the protos.</summary>
    public int ReadOutcome() => (int)ReadNumber(1);

    /// <summary>With changed playback: whether it is held from now on.</summary>
    public bool ReadPaused() => ReadNumber(1) != 0;

    /// <summary>With a turn that begins: its sample rate in hertz.</summary>
    public int ReadSampleRate() => (int)ReadNumber(2);

    /// <summary>With audio and motion: the place in the turn, in samples or keyframes, and how many there are.</summary>
    public (long First, long Count) ReadPlace() => (ReadNumber(1), ReadNumber(2));

    /// <summary>With audio and motion: whether it is the turn's last.</summary>
    public bool ReadLast() => ReadNumber(3) != 0;

    /// <summary>With audio and motion: the samples, pages or envelope.</summary>
    public ReadOnlySpan<byte> ReadData() => TryReadBytes(4, out var data) ? data : default;

    private bool TryReadBytes(uint field, out ReadOnlySpan<byte> bytes)
    {
        var fields = new FieldReader(Content);
        while (fields.TryReadTag(out uint tag))
        {
            if (tag == ((field << 3) | 2))
            {
                return fields.TryReadBytes(out bytes);
            }

            if (!fields.TrySkip(tag))
            {
                break;
            }
        }

        bytes = default;
        return false;
    }

    private long ReadNumber(uint field)
    {
        var fields = new FieldReader(Content);
        while (fields.TryReadTag(out uint tag))
        {
            if (tag == field << 3)
            {
                return fields.TryReadVarint(out long number) ? number : 0;
            }

            if (!fields.TrySkip(tag))
            {
                break;
            }
        }

        return 0;
    }

    private static SequenceSpan ReadRange(ReadOnlySpan<byte> range)
    {
        long from = 0, through = 0;
        var fields = new FieldReader(range);
        while (fields.TryReadTag(out uint tag))
        {
            bool read = tag switch
            {
                (1 << 3) | 0 => fields.TryReadVarint(out from),
                (2 << 3) | 0 => fields.TryReadVarint(out through),
                _ => fields.TrySkip(tag),
            };
            if (!read)
            {
                break;
            }
        }

        return new SequenceSpan(from, through);
    }

    private static bool TryReadPayload(ReadOnlySpan<byte> payload, out PayloadHeader header)
    {
        long epoch = 0, sequence = 0;
        ReadOnlySpan<byte> turnId = default, content = default;
        var kind = PayloadKind.Unknown;
        var fields = new FieldReader(payload);
        header = default;
        while (fields.TryReadTag(out uint tag))
        {
            bool read;
            switch (tag)
            {
                case (1 << 3) | 0:
                    read = fields.TryReadVarint(out epoch);
                    break;
                case (2 << 3) | 0:
                    read = fields.TryReadVarint(out sequence);
                    break;
                case (3 << 3) | 2:
                    read = fields.TryReadBytes(out turnId);
                    break;
                case var _ when (tag & 7) == 2 && (tag >> 3) is >= (uint)PayloadKind.Audio and <= (uint)PayloadKind.SessionEnded:
                    kind = (PayloadKind)(tag >> 3);
                    read = fields.TryReadBytes(out content);
                    break;
                default:
                    read = fields.TrySkip(tag);
                    break;
            }

            if (!read)
            {
                return false;
            }
        }

        header = new PayloadHeader((uint)epoch, sequence, turnId, kind, content);
        return fields.IsAtEnd && sequence > 0 && epoch is > 0 and <= uint.MaxValue;
    }
}
