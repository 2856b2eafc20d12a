using System.Numerics;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// By when something is to be looked at, for many at once: setting and moving a deadline costs the same however many there are.
/// Deadlines are met within a tick, never early. Used by one loop.
/// </summary>
/// <typeparam name="T">What has a deadline.</typeparam>
/// <param name="tick">How exact it is.</param>
internal sealed class DeadlineWheel<T>(TimeSpan tick)
{
    // With ticks of 20 ms a round takes 20 s: longer deadlines wait for a later one.
    private const int SlotCount = 1024;
    private const int WordBits = 64;

    private readonly Entry?[] _slots = new Entry?[SlotCount];
    private readonly ulong[] _occupied = new ulong[SlotCount / WordBits];
    private long _passed;

    /// <summary>When there is something to take at the earliest; null when nothing is scheduled.</summary>
    public TimeSpan? Next
    {
        get
        {
            int begin = GetSlot(_passed + 1);
            for (int i = 0; i <= _occupied.Length; i++)
            {
                int word = ((begin / WordBits) + i) % _occupied.Length;
                ulong bits = _occupied[word];
                ulong before = (1UL << (begin % WordBits)) - 1;
                bits &= i == 0 ? ~before : i == _occupied.Length ? before : ulong.MaxValue;
                if (bits != 0)
                {
                    int slot = (word * WordBits) + BitOperations.TrailingZeroCount(bits);
                    return tick * (_passed + 1 + ((slot - begin + SlotCount) % SlotCount));
                }
            }

            return null;
        }
    }

    /// <summary>Sees to it that the entry is taken at a time, or before.</summary>
    /// <remarks>One that is scheduled sooner stays so: whoever is taken too soon schedules itself again.</remarks>
    public void ScheduleBy(Entry entry, TimeSpan due)
    {
        long at = due >= TimeSpan.MaxValue - tick ? long.MaxValue : (due.Ticks + tick.Ticks - 1) / tick.Ticks;
        if (at == long.MaxValue || (entry.IsScheduled && entry.At <= at))
        {
            return;
        }

        Remove(entry);
        entry.At = Math.Max(at, _passed + 1);
        Insert(entry);
    }

    /// <summary>Takes the entry out, if it is there.</summary>
    public void Remove(Entry entry)
    {
        if (!entry.IsScheduled)
        {
            return;
        }

        int slot = GetSlot(entry.At);
        if (entry.Previous is { } previous)
        {
            previous.Next = entry.Next;
        }
        else
        {
            _slots[slot] = entry.Next;
        }

        if (entry.Next is { } next)
        {
            next.Previous = entry.Previous;
        }

        if (_slots[slot] is null)
        {
            _occupied[slot / WordBits] &= ~(1UL << (slot % WordBits));
        }

        (entry.Previous, entry.Next, entry.At) = (null, null, 0);
    }

    /// <summary>Takes everything that is due.</summary>
    /// <param name="now">The time.</param>
    /// <param name="due">What is taken is added to it.</param>
    public void Advance(TimeSpan now, List<T> due)
    {
        long current = now.Ticks / tick.Ticks;
        long first = Math.Max(_passed + 1, current - SlotCount + 1);
        for (long at = first; at <= current; at++)
        {
            for (var entry = _slots[GetSlot(at)]; entry is not null;)
            {
                var next = entry.Next;
                if (entry.At <= current)
                {
                    Remove(entry);
                    due.Add(entry.Owner);
                }

                entry = next;
            }
        }

        _passed = Math.Max(_passed, current);
    }

    private static int GetSlot(long at) => (int)(at & (SlotCount - 1));

    private void Insert(Entry entry)
    {
        int slot = GetSlot(entry.At);
        if (_slots[slot] is { } first)
        {
            (entry.Next, first.Previous) = (first, entry);
        }

        _slots[slot] = entry;
        _occupied[slot / WordBits] |= 1UL << (slot % WordBits);
    }

    /// <summary>A place in the wheel, for one owner.</summary>
    internal sealed class Entry(T owner)
    {
        public T Owner { get; } = owner;

        /// <summary>The tick at which it is taken; 0 when it is not scheduled.</summary>
        public long At { get; set; }

        public bool IsScheduled => At > 0;

        public Entry? Previous { get; set; }

        public Entry? Next { get; set; }
    }
}
