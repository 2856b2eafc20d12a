using MotionGateway.V1;

namespace MotionGateway.Feeds;

/// <summary>
/// One entry of a log: a payload, or the declaration of sequences that this log never had (a relay's log has those
/// where its own reader was told to skip).
/// </summary>
public sealed class LogEntry
{
    /// <summary>What an entry costs a log beside its bytes: this object, and its place.</summary>
    internal const int OverheadBytes = 104;

    private readonly LogContent _content;
    private readonly SlabPart _part;
    private readonly Rarely? _rarely;
    private Frame? _frames;

    /// <param name="content">What the entry is to be in.</param>
    /// <param name="span">All sequences that it stands for.</param>
    /// <param name="kind">What the payload holds.</param>
    /// <param name="turn">Its turn.</param>
    /// <param name="part">The serialized response. The slab is held for the entry.</param>
    /// <param name="discarded">With an ended turn: the sequences that it discards.</param>
    /// <param name="skipReason">With a declaration: why.</param>
    internal LogEntry(
        LogContent content, SequenceSpan span, PayloadKind kind, LogTurn? turn, in SlabPart part, SequenceSpan? discarded = null,
        SkipReason skipReason = SkipReason.Unspecified)
    {
        _content = content;
        Sequence = span.Through;
        Kind = kind;
        Turn = turn;
        _part = part;
        Size = OverheadBytes + part.Length;
        if (span.From < span.Through || discarded is not null || skipReason != SkipReason.Unspecified)
        {
            _rarely = new Rarely(span.From, discarded, skipReason);
        }
    }

    /// <summary>The payload's sequence; of a declaration, the last sequence declared.</summary>
    public long Sequence { get; }

    /// <summary>What the payload holds; <see cref="PayloadKind.Unknown"/> for a declaration.</summary>
    public PayloadKind Kind { get; }

    /// <summary>
    /// The serialized response: a <c>SubscribeResponse</c>, and for a payload a <c>SpeakResponse</c> as well. To be used by who reads the
    /// entry, until its reader reads on, and by who holds it (<see cref="Hold"/>): media stands in memory that is used again.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The entry has left the log, and nobody held it.</exception>
    public ReadOnlyMemory<byte> Encoded => _part.Memory;

    /// <summary>Bytes of <see cref="Encoded"/>.</summary>
    public int Length => _part.Length;

    /// <summary>Whether it is in its log no longer: what is held of it is not counted there.</summary>
    public bool HasLeft { get; internal set; }

    /// <summary>All sequences that the entry stands for: more than one where it also declares those before it.</summary>
    internal SequenceSpan Span => new(_rarely?.From ?? Sequence, Sequence);

    internal Slab Slab => _part.Slab;

    internal LogTurn? Turn { get; }

    /// <summary>When the entry was appended, by the log's <see cref="RetentionClock"/>.</summary>
    internal long AppendedAt { get; init; }

    /// <summary>Bytes that the log counts for the entry. Guarded by the log's lock.</summary>
    internal int Size { get; set; }

    /// <summary>With an ended turn: the sequences that it discards.</summary>
    internal SequenceSpan? Discarded => _rarely?.Discarded;

    /// <summary>With a declaration: why.</summary>
    internal SkipReason SkipReason => _rarely?.SkipReason ?? SkipReason.Unspecified;

    internal bool IsMedia => Kind is PayloadKind.Audio or PayloadKind.Motion;

    /// <summary>Whether a later entry has made this one void.</summary>
    internal bool IsVoid => IsMedia && Turn is { IsInterrupted: true };

    /// <summary>The last bytes of <see cref="Encoded"/>: media ends with its data.</summary>
    /// <param name="count">How many.</param>
    public SlabPart GetLast(int count) => _part with { Offset = _part.Offset + _part.Length - count, Length = count };

    /// <summary>Keeps <see cref="Encoded"/> where it is, for a reader that reads on while it still uses this entry.</summary>
    public void Hold() => Slab.Hold();

    /// <summary>It is used no longer. To be called once by each who held it.</summary>
    public void Release() => Slab.Release();

    /// <summary>
    /// The response in another form, made once, at the first call. It is kept as long as the entry, and counts among the bytes of
    /// the log.
    /// </summary>
    /// <param name="format">The form.</param>
    public ReadOnlyMemory<byte> GetFrame(IFrameFormat format)
    {
        ArgumentNullException.ThrowIfNull(format);
        return FindFrame(format) ?? CreateFrame(format);
    }

    private byte[]? FindFrame(IFrameFormat format)
    {
        for (var frame = Volatile.Read(ref _frames); frame is not null; frame = frame.Next)
        {
            if (ReferenceEquals(frame.Format, format))
            {
                return frame.Bytes;
            }
        }

        return null;
    }

    private byte[] CreateFrame(IFrameFormat format)
    {
        lock (_content.EncodingLock)
        {
            if (FindFrame(format) is { } present)
            {
                return present;
            }

            byte[] bytes = format.CreateFrame(Encoded);
            Volatile.Write(ref _frames, new Frame(format, bytes, _frames));
            _content.Enlarge(this, bytes.Length);
            return bytes;
        }
    }

    private sealed record Frame(IFrameFormat Format, byte[] Bytes, Frame? Next);

    private sealed record Rarely(long From, SequenceSpan? Discarded, SkipReason SkipReason);
}
