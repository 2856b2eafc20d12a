namespace MotionGateway.Feeds;

/// <summary>
/// Where a log's media stands: in slabs one behind the other, of which the last is being filled. Guarded by the log's lock.
/// </summary>
/// <remarks>
/// Slabs grow with what a log holds, so that a session that says little holds little. The log holds the last one, as long as there is
/// an entry in it; each entry holds its own.
/// </remarks>
internal sealed class LogSlabs(SlabPool pool)
{
    // What is larger, and does not fit behind the rest, would leave too much of the last slab empty.
    private const int LargeBytes = SlabPool.LargestBytes / 4;

    private Slab? _last;
    private int _filled;
    private long _lastSequence;

    /// <summary>Finds room for a payload.</summary>
    /// <param name="length">Its bytes.</param>
    /// <param name="sequence">Its sequence.</param>
    /// <returns>The room; its slab is held once, for the entry.</returns>
    public SlabPart Take(int length, long sequence)
    {
        if (_last is null || _last.Bytes.Length - _filled < length)
        {
            if (length > LargeBytes)
            {
                return new SlabPart(pool.Rent(length), 0, length);
            }

            var next = pool.Rent(Math.Max(length, Math.Min(2 * (_last?.Bytes.Length ?? 0), SlabPool.LargestBytes)));
            _last?.Release();
            (_last, _filled) = (next, 0);
        }

        var part = new SlabPart(_last, _filled, length);
        _last.Hold();
        _filled += length;
        _lastSequence = sequence;
        return part;
    }

    /// <summary>Takes note of where the log begins: the last slab is let go of when nothing is in it.</summary>
    public void Trim(long firstSequence)
    {
        if (_last is { } last && firstSequence > _lastSequence)
        {
            _last = null;
            last.Release();
        }
    }
}
