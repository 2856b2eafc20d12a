using MotionGateway.V1;

namespace MotionGateway.Feeds;

/// <summary>
/// One entry of a log: a payload, or the declaration of sequences that this log never had (a relay's log has those
/// where its own reader was told to skip).
/// </summary>
public sealed class LogEntry
{
    private readonly LogContent _content;
    private Frame? _frames;

    internal LogEntry(LogContent content, SequenceSpan span, PayloadKind kind, LogTurn? turn, ReadOnlyMemory<byte> encoded)
    {
        _content = content;
        Span = span;
        Kind = kind;
        Turn = turn;
        Encoded = encoded;
        Size = encoded.Length;
    }

    /// <summary>The payload's sequence; of a declaration, the last sequence declared.</summary>
    public long Sequence => Span.Through;

    /// <summary>What the payload holds; <see cref="PayloadKind.Unknown"/> for a declaration.</summary>
    public PayloadKind Kind { get; }

    /// <summary>The serialized response: a <c>SubscribeResponse</c>, and for a payload a <c>SpeakResponse</c> as well.</summary>
    public ReadOnlyMemory<byte> Encoded { get; }

    /// <summary>All sequences that the entry stands for: more than one where it also declares those before it.</summary>
    internal SequenceSpan Span { get; }

    internal LogTurn? Turn { get; }

    /// <summary>When the entry was appended, by the log's <see cref="RetentionClock"/>.</summary>
    internal long AppendedAt { get; init; }

    /// <summary>Bytes that the log counts for the entry. Guarded by the log's lock.</summary>
    internal int Size { get; set; }

    /// <summary>With an ended turn: the sequences that it discards.</summary>
    internal SequenceSpan? Discarded { get; init; }

    /// <summary>With a declaration: why.</summary>
    internal SkipReason SkipReason { get; init; }

    internal bool IsMedia => Kind is PayloadKind.Audio or PayloadKind.Motion;

    /// <summary>Whether a later entry has made this one void.</summary>
    internal bool IsVoid => IsMedia && Turn is { IsInterrupted: true };

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
}
