using MotionGateway.V1;

namespace MotionGateway.Feeds;

/// <summary>
/// A cursor into a log. It holds no payloads: media is handed out as far as the reader's window allows, and an interrupt
/// moves the cursor past what it made void. Used by one loop; <see cref="Acknowledge"/> may come from another.
/// </summary>
public sealed class LogReader : IDisposable
{
    private readonly SessionLog _log;
    private readonly long _start;
    private readonly bool _isLive;
    private readonly int _windowBytes;
    private readonly Lock _windowLock = new();
    private readonly Queue<(long Sequence, int Bytes)> _sent = new();
    private long _unacknowledgedBytes;
    private long? _blockedAt;

    internal LogReader(SessionLog log, long after, bool isLive, int windowBytes, AsyncSignal wake)
    {
        _log = log;
        _start = after;
        _isLive = isLive;
        _windowBytes = windowBytes;
        Next = after + 1;
        Wake = wake;
    }

    /// <summary>Up to where entries have been handed out.</summary>
    public LogPosition Position => new(_log.Epoch, Next - 1);

    /// <summary>Whether the log is complete and all of it has been handed out.</summary>
    public bool IsAtEnd => _log.IsComplete && Next > _log.End.Sequence;

    /// <summary>Sequences of the log that have not been handed out.</summary>
    public long Lag => _log.End.Sequence - (Next - 1);

    /// <summary>For how long media has waited for an acknowledgement; zero when none waits.</summary>
    public TimeSpan BlockedFor
    {
        get
        {
            lock (_windowLock)
            {
                return _blockedAt is { } since ? _log.GetElapsed(since) : TimeSpan.Zero;
            }
        }
    }

    internal long Next { get; private set; }

    internal AsyncSignal Wake { get; }

    /// <summary>What is known to be skipped after <see cref="Next"/>, so that a long run is not walked at each wake.</summary>
    internal (SkipReason Reason, long Through) KnownRun { get; set; }

    /// <summary>Takes the next entry: a payload, or the declaration of sequences that this reader will not see.</summary>
    /// <param name="entry">The entry.</param>
    /// <returns>False when there is none at present, or when media must wait for an acknowledgement.</returns>
    public bool TryRead(out LogEntry entry)
    {
        entry = null!;
        if (!_log.TryTake(this, out var candidate) || !TryPassWindow(candidate!))
        {
            return false;
        }

        entry = candidate!;
        Next = entry.Sequence + 1;
        return true;
    }

    /// <summary>Frees the window of all that is processed.</summary>
    /// <param name="position">Up to where the reader has processed the log.</param>
    /// <exception cref="GatewayException">The position was never handed out.</exception>
    public void Acknowledge(LogPosition position)
    {
        if (position.Epoch != _log.Epoch || position.Sequence >= Next)
        {
            throw new GatewayException(
                ErrorReason.InvalidRequest,
                $"Sequence {position.Sequence} of epoch {position.Epoch} was not sent on this feed; acknowledge what was.")
            {
                Field = "acknowledge.position",
            };
        }

        lock (_windowLock)
        {
            while (_sent.TryPeek(out var sent) && sent.Sequence <= position.Sequence)
            {
                _unacknowledgedBytes -= sent.Bytes;
                _sent.Dequeue();

                // Repeating an old acknowledgement is no progress.
                _blockedAt = null;
            }
        }

        Wake.Set();
    }

    /// <summary>Gives the cursor up. May be called more than once.</summary>
    public void Dispose() => _log.Remove(this);

    internal SkipReason ReasonToSkip(LogEntry entry) => entry switch
    {
        { IsVoid: true } => SkipReason.Interrupted,
        { Turn: { } turn } when _isLive && turn.FirstSequence <= _start => SkipReason.BeforeStart,
        _ => SkipReason.Unspecified,
    };

    // Only media waits: an interrupt or another event never stands behind a reader's full window.
    private bool TryPassWindow(LogEntry entry)
    {
        if (_windowBytes == int.MaxValue || !entry.IsMedia)
        {
            return true;
        }

        lock (_windowLock)
        {
            int size = entry.Encoded.Length;
            if (_unacknowledgedBytes > 0 && _unacknowledgedBytes + size > _windowBytes)
            {
                _blockedAt ??= _log.GetTimestamp();
                return false;
            }

            _sent.Enqueue((entry.Sequence, size));
            _unacknowledgedBytes += size;
            _blockedAt = null;
            return true;
        }
    }
}
