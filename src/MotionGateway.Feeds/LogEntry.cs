using System.Text;
using Google.Protobuf;
using MotionGateway.V1;

namespace MotionGateway.Feeds;

/// <summary>
/// One entry of a log: a payload, or the declaration of sequences that this log never had (a relay's log has those
/// where its own reader was told to skip).
/// </summary>
public sealed class LogEntry
{
    private byte[]? _json;

    internal LogEntry(SequenceSpan span, PayloadKind kind, LogTurn? turn, ReadOnlyMemory<byte> encoded, long appendedAt)
    {
        Span = span;
        Kind = kind;
        Turn = turn;
        Encoded = encoded;
        AppendedAt = appendedAt;
    }

    /// <summary>The payload's sequence; of a declaration, the last sequence declared.</summary>
    public long Sequence => Span.Through;

    /// <summary>What the payload holds; <see cref="PayloadKind.Unknown"/> for a declaration.</summary>
    public PayloadKind Kind { get; }

    /// <summary>The serialized response: a <c>SubscribeResponse</c>, and for a payload a <c>SpeakResponse</c> as well.</summary>
    public ReadOnlyMemory<byte> Encoded { get; }

    /// <summary>The response as protobuf JSON in UTF-8, made at the first call and kept as long as the entry.</summary>
    public ReadOnlyMemory<byte> Json => _json ??=
        Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(SubscribeResponse.Parser.ParseFrom(Encoded.Span)));

    /// <summary>All sequences that the entry stands for: more than one where it also declares those before it.</summary>
    internal SequenceSpan Span { get; }

    internal LogTurn? Turn { get; }

    internal long AppendedAt { get; }

    /// <summary>With an ended turn: the sequences that it discards.</summary>
    internal SequenceSpan? Discarded { get; init; }

    /// <summary>With a declaration: why.</summary>
    internal SkipReason SkipReason { get; init; }

    internal bool IsMedia => Kind is PayloadKind.Audio or PayloadKind.Motion;

    /// <summary>Whether a later entry has made this one void.</summary>
    internal bool IsVoid => IsMedia && Turn is { IsInterrupted: true };
}
