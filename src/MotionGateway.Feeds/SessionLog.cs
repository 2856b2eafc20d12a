using MotionGateway.V1;

namespace MotionGateway.Feeds;

/// <summary>
/// The session log: what all viewers of a session must see, appended once and read by any number of cursors. Bounded in
/// bytes and time. Its owner appends; readers never wait for one another. Thread-safe.
/// </summary>
/// <remarks>
/// Entries are contiguous: each stands for the sequence after the one before, or for several, where it declares those
/// that this log never had.
/// </remarks>
/// <param name="start">Epoch of the log, and the sequence after which it begins.</param>
/// <param name="options">The bounds.</param>
/// <param name="timeProvider">The clock for retention.</param>
public sealed class SessionLog(LogPosition start, SessionLogOptions options, TimeProvider timeProvider)
{
    private readonly Lock _lock = new();
    private readonly List<LogReader> _readers = [];
    private readonly OpenTurns _openTurns = new();
    private readonly EntryRing _entries = new();
    private long _last = start.Sequence;
    private volatile bool _isComplete;

    /// <summary>Epoch of every payload in the log.</summary>
    public uint Epoch { get; } = start.Epoch;

    /// <summary>Position of the latest payload.</summary>
    public LogPosition End
    {
        get
        {
            lock (_lock)
            {
                return new LogPosition(Epoch, _last);
            }
        }
    }

    /// <summary>The sequences that are there; null when the log is empty.</summary>
    public SequenceSpan? Available
    {
        get
        {
            lock (_lock)
            {
                return AvailableLocked;
            }
        }
    }

    /// <summary>Bytes of encoded payloads at present.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
            {
                return _entries.Bytes;
            }
        }
    }

    /// <summary>Readers at present.</summary>
    public int ReaderCount
    {
        get
        {
            lock (_lock)
            {
                return _readers.Count;
            }
        }
    }

    /// <summary>Whether nothing more will be appended.</summary>
    public bool IsComplete
    {
        get => _isComplete;
        private set => _isComplete = value;
    }

    /// <summary>With a complete log that did not end with its session: why.</summary>
    public GatewayException? Fault { get; private set; }

    private SequenceSpan? AvailableLocked => _entries.Count == 0 ? null : new SequenceSpan(FirstLocked, _last);

    private long FirstLocked => _entries.Count == 0 ? _last + 1 : _entries.Oldest.Span.From;

    /// <summary>Appends an encoded payload.</summary>
    /// <param name="encoded">The serialized response, owned by the log from now on.</param>
    /// <returns>The entry.</returns>
    /// <exception cref="GatewayException">
    /// The bytes hold no payload, or it does not follow the one before: of another epoch, a repetition, or after a jump
    /// that nothing declares.
    /// </exception>
    public LogEntry Append(ReadOnlyMemory<byte> encoded)
    {
        if (!PayloadHeader.TryRead(encoded.Span, out var header))
        {
            throw new GatewayException(ErrorReason.MalformedRequest, "The response holds no payload.");
        }

        lock (_lock)
        {
            var entry = CreateEntry(header, encoded);
            AddLocked(entry);
            if (header.Kind == PayloadKind.SessionEnded)
            {
                IsComplete = true;
            }

            TrimLocked();
            WakeLocked();
            return entry;
        }
    }

    /// <summary>Declares that the sequences after the latest, up to <paramref name="through"/>, will never be in this log.</summary>
    /// <param name="through">The last sequence declared.</param>
    /// <param name="reason">Why.</param>
    public void DeclareSkipped(long through, SkipReason reason)
    {
        lock (_lock)
        {
            ThrowIfComplete();
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(through, _last);
            AddLocked(CreateDeclaration(new SequenceSpan(_last + 1, through), reason));
            _openTurns.Skip(reason);
            TrimLocked();
            WakeLocked();
        }
    }

    /// <summary>Ends a log whose session goes on elsewhere or was lost: readers take what is there, then learn why.</summary>
    /// <param name="fault">Why.</param>
    public void Fail(GatewayException fault)
    {
        lock (_lock)
        {
            if (!IsComplete)
            {
                Fault = fault;
                IsComplete = true;
                WakeLocked();
            }
        }
    }

    /// <summary>Lets go of what is older than the retention. Appending does so too; an idle log needs to be told.</summary>
    public void Trim()
    {
        lock (_lock)
        {
            TrimLocked();
        }
    }

    /// <summary>Opens a reader after a position.</summary>
    /// <param name="position">The last payload that the reader has processed.</param>
    /// <param name="windowBytes">Bytes of media handed out ahead of acknowledgements; <see cref="int.MaxValue"/>: no bound.</param>
    /// <param name="wake">Set when there may be something to read.</param>
    /// <exception cref="GatewayException">The position is of another epoch, has left the log, or is ahead of it; or there
    /// are too many readers.</exception>
    public LogReader OpenReader(LogPosition position, int windowBytes, AsyncSignal wake)
    {
        lock (_lock)
        {
            if (FindFault(position) is { } fault)
            {
                throw fault;
            }

            return AddReaderLocked(position.Sequence, isLive: false, windowBytes, wake);
        }
    }

    /// <summary>Opens a reader at the current turn or the next one.</summary>
    /// <param name="start">Where; unspecified means the current turn.</param>
    /// <param name="windowBytes">Bytes of media handed out ahead of acknowledgements; <see cref="int.MaxValue"/>: no bound.</param>
    /// <param name="wake">Set when there may be something to read.</param>
    /// <exception cref="GatewayException">There are too many readers.</exception>
    public LogReader OpenReader(FeedStart start, int windowBytes, AsyncSignal wake)
    {
        lock (_lock)
        {
            bool isLive = start == FeedStart.Live;
            long after = isLive || _openTurns.Current is not { } turn
                ? _last
                : Math.Max(turn.FirstSequence, FirstLocked) - 1;
            return AddReaderLocked(after, isLive, windowBytes, wake);
        }
    }

    /// <summary>Whether a reader can start at the current turn without missing any of it.</summary>
    public bool HasWholeCurrentTurn
    {
        get
        {
            lock (_lock)
            {
                return _openTurns.Current is not { } turn || (turn.IsWhole && turn.FirstSequence >= FirstLocked);
            }
        }
    }

    internal bool TryTake(LogReader reader, out LogEntry? entry)
    {
        lock (_lock)
        {
            entry = null;
            if (reader.Next > _last)
            {
                return false;
            }

            if (reader.Next < FirstLocked)
            {
                entry = CreateDeclaration(new SequenceSpan(reader.Next, FirstLocked - 1), SkipReason.Expired);
                return true;
            }

            entry = NextFor(reader, _entries.IndexOf(reader.Next));
            if (entry is { SkipReason: not SkipReason.Unspecified } && entry.Span.From < reader.Next)
            {
                // The reader came from within the declared sequences: it is told of those after it.
                entry = CreateDeclaration(entry.Span with { From = reader.Next }, entry.SkipReason);
            }

            return entry is not null;
        }
    }

    internal void Remove(LogReader reader)
    {
        lock (_lock)
        {
            _readers.Remove(reader);
        }
    }

    internal long GetTimestamp() => timeProvider.GetTimestamp();

    internal TimeSpan GetElapsed(long since) => timeProvider.GetElapsedTime(since);

    // The entry at the index, or, where that is not for the reader: the interrupt that covers the run of such entries,
    // else their declaration. A run that reaches the end of the log waits for what follows it, if anything can.
    private LogEntry? NextFor(LogReader reader, int index)
    {
        var reason = reader.ReasonToSkip(_entries[index]);
        if (reason == SkipReason.Unspecified)
        {
            return _entries[index];
        }

        bool isKnown = reader.KnownRun.Reason == reason && reader.KnownRun.Through >= reader.Next;
        int after = (isKnown ? _entries.IndexOf(reader.KnownRun.Through) : index) + 1;
        while (after < _entries.Count && reader.ReasonToSkip(_entries[after]) == reason)
        {
            after++;
        }

        var run = new SequenceSpan(reader.Next, _entries[after - 1].Sequence);
        if (after == _entries.Count)
        {
            reader.KnownRun = (reason, run.Through);
            return IsComplete ? CreateDeclaration(run, reason) : null;
        }

        return _entries[after].Discarded is { } discarded && discarded.Covers(run)
                && reader.ReasonToSkip(_entries[after]) == SkipReason.Unspecified
            ? _entries[after]
            : CreateDeclaration(run, reason);
    }

    private LogEntry CreateEntry(in PayloadHeader header, ReadOnlyMemory<byte> encoded)
    {
        ThrowIfComplete();
        if (header.Epoch != Epoch)
        {
            throw new GatewayException(
                ErrorReason.EpochChanged, $"The payload is of epoch {header.Epoch}, the log of epoch {Epoch}.");
        }

        var discarded = header.Kind == PayloadKind.TurnEnded ? header.ReadDiscarded() : null;
        var span = new SequenceSpan(_last + 1, header.Sequence);
        if (header.Sequence <= _last
            || (header.Sequence > _last + 1 && discarded?.Covers(span with { Through = header.Sequence - 1 }) != true))
        {
            throw new GatewayException(
                ErrorReason.Internal, $"Sequence {header.Sequence} does not follow {_last}, and nothing declares a gap.");
        }

        var turn = header.TurnId.IsEmpty ? null : _openTurns.Track(header);
        return new LogEntry(span, header.Kind, turn, encoded, timeProvider.GetTimestamp()) { Discarded = discarded };
    }

    private LogEntry CreateDeclaration(SequenceSpan span, SkipReason reason)
    {
        var skipped = new SequenceSkipped
        {
            Epoch = Epoch,
            Range = new SequenceRange { From = span.From, Through = span.Through },
            Reason = reason,
        };
        byte[] encoded = Google.Protobuf.MessageExtensions.ToByteArray(new SubscribeResponse { Skipped = skipped });
        return new LogEntry(span, PayloadKind.Unknown, turn: null, encoded, timeProvider.GetTimestamp()) { SkipReason = reason };
    }

    private void AddLocked(LogEntry entry)
    {
        _entries.Add(entry);
        _last = entry.Sequence;
    }

    private void TrimLocked()
    {
        while (_entries.Count > 0 && (_entries.Bytes > options.MaxBytes || IsExpired(_entries.Oldest)))
        {
            _entries.RemoveOldest();
        }

        _openTurns.Trim(FirstLocked);
    }

    private bool IsExpired(LogEntry entry) =>
        timeProvider.GetElapsedTime(entry.AppendedAt) > options.Retention
        && (entry.Turn is null || !_openTurns.IsGoingOn(entry.Turn));

    private GatewayException? FindFault(LogPosition position)
    {
        var reason = position switch
        {
            _ when position.Epoch != Epoch => ErrorReason.EpochChanged,
            _ when position.Sequence > _last => ErrorReason.PositionAhead,
            _ when position.Sequence + 1 < FirstLocked => ErrorReason.SequenceExpired,
            _ => ErrorReason.Unspecified,
        };
        if (reason == ErrorReason.Unspecified)
        {
            return null;
        }

        string there = AvailableLocked is { } span ? $"{span.From} to {span.Through}" : "none";
        return new GatewayException(
            reason,
            $"Position (epoch {position.Epoch}, sequence {position.Sequence}) cannot be served. Epoch {Epoch} has sequences "
            + $"{there}. Start again at the current turn.")
        {
            Field = "start.position",
            Available = AvailableLocked,
            Epoch = Epoch,
        };
    }

    private LogReader AddReaderLocked(long after, bool isLive, int windowBytes, AsyncSignal wake)
    {
        if (_readers.Count >= options.MaxReaders)
        {
            throw new GatewayException(
                ErrorReason.ReaderLimit, $"The session has {_readers.Count} readers, which is as many as it may have.");
        }

        var reader = new LogReader(this, after, isLive, windowBytes, wake);
        _readers.Add(reader);
        return reader;
    }

    private void WakeLocked()
    {
        foreach (var reader in _readers)
        {
            reader.Wake.Set();
        }
    }

    private void ThrowIfComplete()
    {
        if (IsComplete)
        {
            throw new GatewayException(ErrorReason.SessionClosed, "The log is complete.");
        }
    }
}
