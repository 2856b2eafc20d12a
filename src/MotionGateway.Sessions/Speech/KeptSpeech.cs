using System.Diagnostics;
using MotionGateway.Feeds;

namespace MotionGateway.Sessions;

/// <summary>
/// A turn's speech, by sample, for as long as anybody needs it: until it is in the log, has been sent to the Motion Server,
/// and its motion is there. Whoever reads has a position of its own, so that sending and sending again are the same.
/// </summary>
/// <remarks>
/// Speech is there once: what is in the log as samples is read where it stands there, and held there, whether or not the log still has
/// it (<see cref="Share"/>). What is not stands in slabs of its own. Guarded by the session's lock.
/// </remarks>
/// <param name="pool">Where those come from.</param>
internal sealed class KeptSpeech(SlabPool pool)
{
    // A payload is no larger, so that few are cut where a slab ends.
    private const int UsualBytes = 16 * 1024;
    private const int MostBytes = 32 * 1024;
    private const int KeptCapacity = 64;

    // In order, each up to the next one's first sample; first those in the log, then those that are not. Of the latter there is one a slab.
    private readonly List<Run> _runs = [];

    // Where the last run stands if it is not in the log: what comes next is written behind it. Held by it alone.
    private Slab? _filling;
    private int _filled;

    /// <summary>Samples of the turn so far.</summary>
    public long Samples { get; private set; }

    /// <summary>The first sample that is still there.</summary>
    public long FirstKept => _runs.Count > 0 ? _runs[0].First : Samples;

    /// <summary>Bytes of memory held beside the log: that which the log no longer has, and that which it does not have yet.</summary>
    public long HeldBytes
    {
        get
        {
            long bytes = 0;
            for (int i = 0; i < _runs.Count && _runs[i].Entry is { HasLeft: true }; i++)
            {
                bytes += (EndOf(i) - _runs[i].First) * sizeof(short);
            }

            for (int i = _runs.Count - 1; i >= 0 && _runs[i].Entry is null; i--)
            {
                bytes += _runs[i].Slab.Bytes.Length;
            }

            return bytes;
        }
    }

    /// <summary>Adds whole samples.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var slab = FindRoom(bytes.Length);
            int count = Math.Min(bytes.Length, slab.Bytes.Length - _filled);
            bytes[..count].CopyTo(slab.Bytes.AsSpan(_filled));
            bytes = bytes[count..];
            _filled += count;
            Samples += count / sizeof(short);
        }
    }

    /// <summary>Samples from a place on, as far as they stand together. To be held where they are used outside of the session's lock.</summary>
    /// <param name="sample">A sample that is still there.</param>
    /// <param name="most">Samples at the most.</param>
    public SlabPart Read(long sample, long most)
    {
        Debug.Assert(sample >= FirstKept && sample <= Samples, "Speech is read where it is kept.");
        if (sample >= Samples || most <= 0)
        {
            return default;
        }

        int index = IndexOf(sample);
        var run = _runs[index];
        long count = Math.Min(most, EndOf(index) - sample);
        return new SlabPart(run.Slab, run.Offset + (int)((sample - run.First) * sizeof(short)), (int)count * sizeof(short));
    }

    /// <summary>Whether two runs of samples are the same, as far as both are there.</summary>
    public bool AreSame(long first, long second, long count)
    {
        if (Math.Min(first, second) < FirstKept || Math.Max(first, second) + count > Samples)
        {
            return false;
        }

        while (count > 0)
        {
            var one = Read(first, count);
            var other = Read(second, one.Length / sizeof(short));
            if (!one.Memory.Span[..other.Length].SequenceEqual(other.Memory.Span))
            {
                return false;
            }

            int samples = other.Length / sizeof(short);
            (first, second, count) = (first + samples, second + samples, count - samples);
        }

        return true;
    }

    /// <summary>The next samples that were not in the log are: they are read there from now on.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="count">How many; they stood together.</param>
    /// <param name="entry">The entry, whose last bytes they are, held for the speech.</param>
    public void Share(long first, int count, LogEntry entry)
    {
        var part = entry.GetLast(count * sizeof(short));
        int index = IndexOf(first);
        var run = _runs[index];
        Debug.Assert(run.Entry is null && run.First == first, "Speech gets into the log once, and in order.");
        var shared = new Run(first, part.Slab, part.Offset, entry);
        if (first + count == EndOf(index))
        {
            _runs[index] = shared;
            LetGo(run);
        }
        else
        {
            _runs[index] = run with { First = first + count, Offset = run.Offset + (count * sizeof(short)) };
            _runs.Insert(index, shared);
        }
    }

    /// <summary>Lets go of what stands before a sample.</summary>
    public void TrimBefore(long sample)
    {
        int count = 0;
        while (count < _runs.Count && EndOf(count) <= sample)
        {
            LetGo(_runs[count++]);
        }

        if (count > 0)
        {
            _runs.RemoveRange(0, count);
            if (_runs.Capacity > KeptCapacity && _runs.Count <= _runs.Capacity / 4)
            {
                _runs.Capacity /= 2;
            }
        }
    }

    /// <summary>Lets go of everything; the count of samples stays.</summary>
    public void Clear() => TrimBefore(Samples);

    private long EndOf(int index) => index + 1 < _runs.Count ? _runs[index + 1].First : Samples;

    // The run that a sample is in.
    private int IndexOf(long sample)
    {
        int low = 0, high = _runs.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = _runs[middle].First <= sample ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    // What came together is kept together where it can be: readers get it so. The less waits, the smaller the slab.
    private Slab FindRoom(int bytes)
    {
        int room = _filling is null ? 0 : _filling.Bytes.Length - _filled;
        if (room == 0 || (room < bytes && bytes <= UsualBytes))
        {
            int usual = _filling is null ? SlabPool.SmallestBytes : _filling.Bytes.Length < UsualBytes ? UsualBytes : MostBytes;
            _filling = pool.Rent(Math.Clamp(bytes, usual, MostBytes));
            _filled = 0;
            _runs.Add(new Run(Samples, _filling, 0, Entry: null));
        }

        return _filling!;
    }

    private void LetGo(in Run run)
    {
        run.Slab.Release();
        _filling = run.Slab == _filling ? null : _filling;
    }

    private readonly record struct Run(long First, Slab Slab, int Offset, LogEntry? Entry);
}
