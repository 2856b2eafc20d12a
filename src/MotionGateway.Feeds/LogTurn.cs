using System.Text;

namespace MotionGateway.Feeds;

/// <summary>What a log knows of a turn that has entries in it.</summary>
internal sealed class LogTurn(string id, long firstSequence, bool isWhole)
{
    private readonly byte[] _utf8 = Encoding.UTF8.GetBytes(id);

    public long FirstSequence { get; } = firstSequence;

    public long LastSequence { get; set; } = firstSequence;

    /// <summary>Whether the log has the turn from its beginning; a relay's may have joined later, or been told to skip.</summary>
    public bool IsWhole { get; set; } = isWhole;

    /// <summary>Whether the turn's end may be among sequences that were skipped.</summary>
    public bool MayHaveEnded { get; set; }

    /// <summary>Whether the turn ended by an interrupt: its media is void from then on.</summary>
    public bool IsInterrupted { get; set; }

    public bool Is(ReadOnlySpan<byte> utf8Id) => utf8Id.SequenceEqual(_utf8);
}
