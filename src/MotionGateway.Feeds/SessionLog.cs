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
/// <param name="pool">Where media is kept; null: in the process's pool.</param>
public sealed class SessionLog(LogPosition start, SessionLogOptions options, TimeProvider timeProvider, SlabPool? pool = null)
{
    private readonly LogContent _content = new(start, options, timeProvider, pool ?? SlabPool.Shared);
    private readonly LogReaders _readers = new(options.MaxReaders);
    private volatile GatewayException? _fault;
    private volatile bool _isComplete;
    private volatile bool _isTurnUnderWay;
    private bool _isLetGo;

    /// <summary>Epoch of every payload in the log.</summary>
    public uint Epoch => _content.Epoch;

    /// <summary>Position of the latest payload.</summary>
    public LogPosition End
    {
        get
        {
            lock (_content.Lock)
            {
                return new LogPosition(Epoch, _content.Last);
            }
        }
    }

    /// <summary>The sequences that are there; null when the log is empty.</summary>
    public SequenceSpan? Available
    {
        get
        {
            lock (_content.Lock)
            {
                return _content.Available;
            }
        }
    }

    /// <summary>Bytes of the entries at present, in all forms in which they are kept, and of what an entry costs beside.</summary>
    public long Bytes
    {
        get
        {
            lock (_content.Lock)
            {
                return _content.Entries.Bytes;
            }
        }
    }

    /// <summary>
    /// Whether it holds twice its bytes, none of which has been heard: media of the lead is less than once, so that the rest is what
    /// came beside it.
    /// </summary>
    public bool IsFull => Bytes > 2 * options.MaxBytes;

    /// <summary>Readers at present.</summary>
    public int ReaderCount
    {
        get
        {
            lock (_content.Lock)
            {
                return _readers.Count;
            }
        }
    }

    /// <summary>Whether nothing more will be appended.</summary>
    public bool IsComplete => _isComplete;

    /// <summary>With a complete log that did not end with its session: why. A new exception each time, for the reader to throw.</summary>
    public GatewayException? Fault => _fault?.Copy();

    /// <summary>Whether a reader can start at the current turn and miss nothing but what the log's own source no longer had.</summary>
    public bool HasWholeCurrentTurn
    {
        get
        {
            lock (_content.Lock)
            {
                return _content.HasWholeCurrentTurn;
            }
        }
    }

    /// <summary>Whether a reader can start at the current turn, if there is one, with its <c>turn_started</c>.</summary>
    public bool CanIntroduceCurrentTurn
    {
        get
        {
            lock (_content.Lock)
            {
                return _content.OpenTurns.Current is not { Started: null };
            }
        }
    }

    /// <summary>Whether a turn has begun and not ended, as far as is known: its end may be among sequences that were skipped.</summary>
    public bool IsTurnUnderWay => _isTurnUnderWay;

    /// <summary>Appends an encoded payload.</summary>
    /// <param name="encoded">The serialized response, which is copied.</param>
    /// <returns>The entry.</returns>
    /// <exception cref="GatewayException">
    /// The bytes hold no payload, or it does not follow the one before: of another epoch, a repetition, or after a jump
    /// that nothing declares; or the log is complete.
    /// </exception>
    public LogEntry Append(ReadOnlySpan<byte> encoded)
    {
        if (!PayloadHeader.TryRead(encoded, out var header))
        {
            throw new GatewayException(ErrorReason.MalformedRequest, "The response holds no payload.");
        }

        lock (_content.Lock)
        {
            ThrowIfComplete();
            var entry = _content.Append(header, encoded);
            _isComplete = header.Kind == PayloadKind.SessionEnded;
            TellReadersLocked();
            return entry;
        }
    }

    /// <summary>Appends media, which is encoded where it stays.</summary>
    /// <param name="media">The payload.</param>
    /// <param name="isHeld">Whether the entry is held for the caller, who is to release it.</param>
    /// <returns>The entry.</returns>
    /// <exception cref="GatewayException">It does not follow the payload before, or the log is complete.</exception>
    public LogEntry Append(in MediaPayload media, bool isHeld = false)
    {
        lock (_content.Lock)
        {
            ThrowIfComplete();
            var entry = _content.Append(media, isHeld);
            TellReadersLocked();
            return entry;
        }
    }

    /// <summary>Declares that the sequences after the latest, up to <paramref name="through"/>, will never be in this log.</summary>
    /// <param name="through">The last sequence declared.</param>
    /// <param name="reason">Why.</param>
    /// <exception cref="GatewayException">The log is complete.</exception>
    public void DeclareSkipped(long through, SkipReason reason)
    {
        lock (_content.Lock)
        {
            ThrowIfComplete();
            _content.DeclareSkipped(through, reason);
            TellReadersLocked();
        }
    }

    /// <summary>Ends a log whose session goes on elsewhere or was lost: readers take what is there, then learn why.</summary>
    /// <param name="fault">Why.</param>
    public void Fail(GatewayException fault)
    {
        lock (_content.Lock)
        {
            if (!IsComplete)
            {
                _fault = fault;
                _isComplete = true;
                _readers.Wake();
            }
        }
    }

    /// <summary>
    /// Tells up to where everything has been heard, or is void, or belongs to no turn that goes on. From the first call on
    /// nothing after that leaves the log, neither by its bytes nor by its age; so an owner whose readers must not miss what is
    /// unheard calls this before it appends anything. A log whose owner never does lets go by bytes and age alone.
    /// </summary>
    /// <param name="throughSequence">The last such sequence. One below an earlier one changes nothing.</param>
    public void MarkHeard(long throughSequence)
    {
        lock (_content.Lock)
        {
            _content.MarkHeard(throughSequence);
        }
    }

    /// <summary>Lets go of what is older than the retention. Appending does so too; an idle log needs to be told.</summary>
    public void Trim()
    {
        lock (_content.Lock)
        {
            _content.Trim();
        }
    }

    /// <summary>
    /// The owner is done with the log, and opens no reader any more: when the last one that there is has gone, everything is let go of.
    /// </summary>
    public void LetGo()
    {
        lock (_content.Lock)
        {
            _isLetGo = true;
            ClearWhenUnreadLocked();
        }
    }

    /// <summary>Opens a reader after a position.</summary>
    /// <param name="position">The last payload that the reader has processed.</param>
    /// <param name="windowBytes">Bytes of media handed out ahead of acknowledgements; <see cref="int.MaxValue"/>: no bound.</param>
    /// <param name="wake">Set when there may be something to read.</param>
    /// <param name="policy">What happens when the reader does not keep up; unspecified means that its feed ends.</param>
    /// <param name="countsAgainstLimit">Whether the reader is one of those whose number is limited.</param>
    /// <param name="replaces">An older reader whose place the new one takes: it counts no longer, and goes on until it is disposed.</param>
    /// <exception cref="GatewayException">The position is of another epoch, has left the log, or is ahead of it; or there
    /// are too many readers. The replaced reader then keeps its place.</exception>
    public LogReader OpenReader(
        LogPosition position, int windowBytes, IReaderWake wake, SlowReaderPolicy policy = default, bool countsAgainstLimit = true,
        LogReader? replaces = null)
    {
        lock (_content.Lock)
        {
            return AddReaderLocked(ReaderStart.At(position, _content), windowBytes, wake, policy, countsAgainstLimit, replaces);
        }
    }

    /// <summary>Opens a reader at the turn that plays or the next one.</summary>
    /// <remarks>
    /// Such a reader gets a turn with its <c>turn_started</c> or not at all. At the current turn it starts with that, after which
    /// the sequences that have left the log are declared. Now is the same, but goes on from the audio at the first sample of the
    /// motion that is heard now, and declares all before. Live, and where no turn plays, it begins with the next turn. Of what has
    /// ended, only the end is told.
    /// </remarks>
    /// <param name="start">Where; unspecified means the current turn.</param>
    /// <param name="windowBytes">Bytes of media handed out ahead of acknowledgements; <see cref="int.MaxValue"/>: no bound.</param>
    /// <param name="wake">Set when there may be something to read.</param>
    /// <param name="heardSamples">With now: samples heard of the turn that plays.</param>
    /// <param name="policy">What happens when the reader does not keep up; unspecified means that its feed ends.</param>
    /// <param name="countsAgainstLimit">Whether the reader is one of those whose number is limited.</param>
    /// <param name="replaces">An older reader whose place the new one takes: it counts no longer, and goes on until it is disposed.</param>
    /// <exception cref="GatewayException">There are too many readers. The replaced reader then keeps its place.</exception>
    public LogReader OpenReader(
        FeedStart start, int windowBytes, IReaderWake wake, long heardSamples = 0, SlowReaderPolicy policy = default,
        bool countsAgainstLimit = true, LogReader? replaces = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(heardSamples);
        lock (_content.Lock)
        {
            var begin = IsComplete && _fault is null ? ReaderStart.AtEnd(_content) : ReaderStart.By(start, heardSamples, _content);
            return AddReaderLocked(begin, windowBytes, wake, policy, countsAgainstLimit, replaces);
        }
    }

    /// <summary>How long ago an entry was appended; time in which playback is paused does not count.</summary>
    public TimeSpan GetAge(LogEntry entry) => _content.GetAge(entry);

    /// <summary>Finds what comes next for a reader, who holds it from then on and lets go of what it held.</summary>
    internal LogEntry? Find(LogReader reader)
    {
        lock (_content.Lock)
        {
            var found = reader.Find(_content, IsComplete);
            reader.HoldLocked(found?.Slab);
            return found;
        }
    }

    internal void Remove(LogReader reader)
    {
        lock (_content.Lock)
        {
            reader.HoldLocked(null);
            _readers.Remove(reader);
            ClearWhenUnreadLocked();
        }
    }

    internal long GetTimestamp() => timeProvider.GetTimestamp();

    internal TimeSpan GetElapsed(long since) => timeProvider.GetElapsedTime(since);

    private LogReader AddReaderLocked(
        ReaderStart start, int windowBytes, IReaderWake wake, SlowReaderPolicy policy, bool countsAgainstLimit, LogReader? replaces)
    {
        var reader = new LogReader(this, start, windowBytes, wake, policy, countsAgainstLimit);
        _readers.Add(reader, replaces);
        return reader;
    }

    private void TellReadersLocked()
    {
        _isTurnUnderWay = _content.OpenTurns.IsUnderWay;
        _readers.Wake();
    }

    private void ClearWhenUnreadLocked()
    {
        if (_isLetGo && _readers.Count == 0)
        {
            _content.Clear();
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
