namespace MotionGateway.Feeds;

/// <summary>The entries of a log, oldest first, each standing for the sequences after the one before.</summary>
internal sealed class EntryRing
{
    private LogEntry[] _slots = new LogEntry[64];
    private int _head;

    public int Count { get; private set; }

    /// <summary>Bytes of all entries.</summary>
    public long Bytes { get; private set; }

    public LogEntry Oldest => this[0];

    public LogEntry this[int index] => _slots[(_head + index) & (_slots.Length - 1)];

    public void Add(LogEntry entry)
    {
        if (Count == _slots.Length)
        {
            Grow();
        }

        _slots[(_head + Count) & (_slots.Length - 1)] = entry;
        Count++;
        Bytes += entry.Encoded.Length;
    }

    public void RemoveOldest()
    {
        Bytes -= Oldest.Encoded.Length;
        _slots[_head] = null!;
        _head = (_head + 1) & (_slots.Length - 1);
        Count--;
    }

    /// <summary>Index of the entry that stands for a sequence, which must be there.</summary>
    public int IndexOf(long sequence)
    {
        // As a rule each entry stands for one sequence, and its distance from the oldest is its index.
        long distance = sequence - Oldest.Sequence;
        if (distance >= 0 && distance < Count && this[(int)distance].Sequence == sequence)
        {
            return (int)distance;
        }

        int low = 0, high = Count - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (this[middle].Sequence < sequence)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private void Grow()
    {
        var larger = new LogEntry[_slots.Length * 2];
        for (int i = 0; i < Count; i++)
        {
            larger[i] = this[i];
        }

        (_slots, _head) = (larger, 0);
    }
}
