using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>A turn's audio as readers get it, cut where its encoding allows. What has been taken is let go of.</summary>
internal abstract class TurnAudio : IDisposable
{
    /// <summary>How it is encoded.</summary>
    public abstract AudioEncoding Encoding { get; }

    /// <summary>What a decoder needs before any piece; empty where it needs nothing.</summary>
    public virtual ReadOnlyMemory<byte> Header => default;

    /// <summary>Bytes of memory held beside the samples.</summary>
    public virtual long HeldBytes => 0;

    /// <summary>More of the turn's samples.</summary>
    public virtual void Add(ReadOnlySpan<byte> samples)
    {
    }

    /// <summary>There are no more.</summary>
    public virtual void Complete()
    {
    }

    /// <summary>Samples of the next piece: at most so many, or the least that the encoding can give; 0 when nothing is there.</summary>
    /// <param name="from">The sample that the last piece ended at.</param>
    /// <param name="most">Samples.</param>
    public abstract int Next(long from, int most);

    /// <summary>Takes the next piece.</summary>
    /// <param name="from">The sample that the last piece ended at.</param>
    /// <param name="count">Samples, as <see cref="Next"/> gave them; 0 for a closing piece.</param>
    /// <param name="isLast">Whether it is the last one.</param>
    public abstract ReadOnlySpan<byte> Take(long from, int count, bool isLast);

    /// <summary>Whether pieces are the samples themselves, so that those in the log are the ones that are kept: <see cref="Share"/>.</summary>
    public virtual bool IsShared => false;

    /// <summary>A piece that was taken is in the log.</summary>
    /// <param name="from">Its first sample.</param>
    /// <param name="count">Its samples.</param>
    /// <param name="entry">Where it is, held for this.</param>
    public virtual void Share(long from, int count, LogEntry entry) => entry.Release();

    public virtual void Dispose()
    {
    }
}
