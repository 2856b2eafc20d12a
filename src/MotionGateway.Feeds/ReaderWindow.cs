using MotionGateway.V1;

namespace MotionGateway.Feeds;

/// <summary>
/// How much media a reader is sent ahead of its acknowledgements, and whether it keeps up. Used by the loop that reads;
/// <see cref="Acknowledge"/> may come from another.
/// </summary>
internal sealed class ReaderWindow(SessionLog log, int bytes, SlowReaderPolicy policy)
{
    private const int KeptCapacity = 64;

    private readonly Lock _lock = new();

    // Guarded by _lock.
    private readonly Queue<(long Sequence, int Bytes)> _sent = new();
    private long _unacknowledgedBytes;
    private LogEntry? _waiting;
    private long _waitsSince;

    // How old the waiting media was when the window filled; null when it has not filled since it was counted anew. Set and cleared
    // by the loop that reads.
    private TimeSpan? _ageWhenFilled;

    /// <summary>The media that waits for an acknowledgement; null when none does.</summary>
    public LogEntry? Waiting
    {
        get
        {
            lock (_lock)
            {
                return _waiting;
            }
        }
    }

    /// <inheritdoc cref="LogReader.BlockedFor"/>
    public TimeSpan BlockedFor
    {
        get
        {
            lock (_lock)
            {
                return _waiting is not { } waiting ? TimeSpan.Zero
                    : policy == SlowReaderPolicy.Disconnect ? log.GetElapsed(_waitsSince)
                    : log.GetAge(waiting) - (_ageWhenFilled ?? TimeSpan.Zero);
            }
        }
    }

    /// <summary>Whether an entry may be sent. Only media waits: an interrupt or another event never stands behind a full window.</summary>
    public bool TryPass(LogEntry entry)
    {
        if (bytes == int.MaxValue || !entry.IsMedia)
        {
            return true;
        }

        lock (_lock)
        {
            int size = entry.Length;
            if (_unacknowledgedBytes > 0 && _unacknowledgedBytes + size > bytes)
            {
                _waitsSince = _waiting is null ? log.GetTimestamp() : _waitsSince;
                _ageWhenFilled ??= log.GetAge(entry);
                _waiting = entry;
                return false;
            }

            _sent.Enqueue((entry.Sequence, size));
            _unacknowledgedBytes += size;
            _waiting = null;
            return true;
        }
    }

    /// <summary>Frees what has been sent up to a sequence.</summary>
    public void Acknowledge(long sequence)
    {
        lock (_lock)
        {
            while (_sent.TryPeek(out var sent) && sent.Sequence <= sequence)
            {
                _unacknowledgedBytes -= sent.Bytes;
                _sent.Dequeue();

                // Repeating an old acknowledgement is no progress.
                _waiting = null;
            }

            // A window that was full once is not to keep its list for good.
            if (_sent.Count == 0 && _sent.Capacity > KeptCapacity)
            {
                _sent.TrimExcess();
            }
        }
    }

    /// <summary>Nothing waits any more, since the reader has come to the log's end or is spared what waited.</summary>
    public void CountAnew()
    {
        if (_ageWhenFilled is not null)
        {
            lock (_lock)
            {
                (_waiting, _ageWhenFilled) = (null, null);
            }
        }
    }
}
