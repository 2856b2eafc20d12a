using System.Diagnostics.CodeAnalysis;
using System.Text;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// A payload on its way into a published feed: of media what has to be known to place it, of events the message. It may wait for its
/// turn, and holds its entry until it is disposed.
/// </summary>
/// <param name="Kind">What it holds.</param>
/// <param name="TurnId">Its turn; empty when it belongs to none.</param>
/// <param name="Position">Its place in the log.</param>
/// <param name="Encoded">The serialized response.</param>
/// <param name="Entry">The entry of the window that it is; null when it came by a read of its own.</param>
/// <param name="Event">The message, where it holds no media.</param>
internal sealed record PublishedPiece(
    PayloadKind Kind, string TurnId, LogPosition Position, ReadOnlyMemory<byte> Encoded, LogEntry? Entry, Payload? Event) : IDisposable
{
    private bool _isDisposed;

    /// <summary>First sample or keyframe.</summary>
    public long First { get; private init; }

    /// <summary>Number of samples or keyframes.</summary>
    public int Count { get; private init; }

    /// <summary>Whether it is the turn's last of its kind.</summary>
    public bool IsLast { get; private init; }

    /// <summary>Reads a response.</summary>
    /// <param name="encoded">The serialized response. Of an entry it is there as long as that is held.</param>
    /// <param name="entry">The entry, which its reader holds at present.</param>
    /// <param name="piece">The payload, to be disposed.</param>
    /// <returns>False when it holds no payload.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> encoded, LogEntry? entry, [NotNullWhen(true)] out PublishedPiece? piece)
    {
        piece = null;
        if (!PayloadHeader.TryRead(encoded.Span, out var header))
        {
            return false;
        }

        bool isMedia = header.Kind is PayloadKind.Audio or PayloadKind.Motion;
        var (first, count) = isMedia ? header.ReadPlace() : default;
        entry?.Hold();
        piece = new PublishedPiece(
            header.Kind, Encoding.UTF8.GetString(header.TurnId), new LogPosition(header.Epoch, header.Sequence), encoded, entry,
            isMedia ? null : SubscribeResponse.Parser.ParseFrom(encoded.Span).Payload)
        {
            First = first,
            Count = (int)count,
            IsLast = isMedia && header.ReadLast(),
        };
        return true;
    }

    /// <summary>It is used no longer. Done twice it does nothing.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            Entry?.Release();
        }
    }

    /// <summary>The samples, pages or envelope that it holds.</summary>
    public ReadOnlySpan<byte> GetData() => PayloadHeader.TryRead(Encoded.Span, out var header) ? header.ReadData() : default;
}
