using System.Text;

namespace MotionGateway.Feeds;

/// <summary>What a log knows of a turn that has entries in it.</summary>
internal sealed class LogTurn(string id, long firstSequence)
{
    private readonly byte[] _utf8 = Encoding.UTF8.GetBytes(id);

    public long FirstSequence { get; } = firstSequence;

    public long LastSequence { get; set; } = firstSequence;

    /// <summary>
    /// The entry that began the turn, kept when it has left the log: it introduces the turn to those who start within. Null where
    /// the log never had it: a relay's may have joined later, or been told to skip.
    /// </summary>
    public LogEntry? Started { get; set; }

    /// <summary>Whether the turn's end may be among sequences that were skipped.</summary>
    public bool MayHaveEnded { get; set; }

    /// <summary>Whether it may have ended, and none of its entries is in the log any more.</summary>
    public bool HasLeft { get; set; }

    /// <summary>Whether the turn's playback is held.</summary>
    public bool IsPaused { get; set; }

    /// <summary>Whether the turn ended by an interrupt: its media is void from then on.</summary>
    public bool IsInterrupted { get; set; }

    public bool Is(ReadOnlySpan<byte> utf8Id) => utf8Id.SequenceEqual(_utf8);
}
