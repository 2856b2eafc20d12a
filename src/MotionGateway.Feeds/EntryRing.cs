namespace MotionGateway.Feeds;

/// <summary>The entries of a log, oldest first, each standing for the sequences after the one before.</summary>
internal sealed class EntryRing
{
    private const int SmallestCapacity = 64;

    private LogEntry[] _slots = new LogEntry[SmallestCapacity];
    private int _head;

    public int Count { get; private set; }

    /// <summary>Bytes that all entries hold.</summary>
    public long Bytes { get; private set; }

    public LogEntry Oldest => this[0];

    public int Capacity => _slots.Length;

    public LogEntry this[int index] => _slots[(_head + index) & (_slots.Length - 1)];

    public void Add(LogEntry entry)
    {
        if (Count == _slots.Length)
        {
            Resize(_slots.Length * 2);
        }

        _slots[(_head + Count) & (_slots.Length - 1)] = entry;
        Count++;
        Bytes += entry.Size;
    }

    public void RemoveOldest()
    {
        Bytes -= Oldest.Size;
        _slots[_head] = null!;
        _head = (_head + 1) & (_slots.Length - 1);
        Count--;

        // Half full after it has shrunk, a ring neither grows nor shrinks again soon.
        if (_slots.Length > SmallestCapacity && Count == _slots.Length / 4)
        {
            Resize(_slots.Length / 2);
        }
    }

    /// <summary>Takes note that an entry holds more bytes than before. One that is not here, or no longer, is not counted.</summary>
    public void Enlarge(LogEntry entry, int bytes)
    {
        if (Count > 0 && entry.Sequence >= Oldest.Sequence && ReferenceEquals(this[IndexOf(entry.Sequence)], entry))
        {
            entry.Size += bytes;
            Bytes += bytes;
        }
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

    private void Resize(int capacity)
    {
        var slots = new LogEntry[capacity];
        for (int i = 0; i < Count; i++)
        {
            slots[i] = this[i];
        }

        (_slots, _head) = (slots, 0);
    }
}
