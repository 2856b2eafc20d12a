using Google.Protobuf;
using MotionGateway.V1;

namespace MotionGateway.Feeds;

/// <summary>
/// What a log holds: its entries, the turns that are open in them, and what may leave. All that does not take <see cref="Lock"/>
/// itself is used under it.
/// </summary>
internal sealed class LogContent(LogPosition start, SessionLogOptions options, TimeProvider timeProvider)
{
    private readonly RetentionClock _clock = new(timeProvider);
    private long? _heardThrough;

    public Lock Lock { get; } = new();

    /// <summary>Held while an entry is encoded in another form, so that this is done once. Taken before <see cref="Lock"/>, never within.</summary>
    public Lock EncodingLock { get; } = new();

    public uint Epoch { get; } = start.Epoch;

    public EntryRing Entries { get; } = new();

    public OpenTurns OpenTurns { get; } = new();

    /// <summary>The latest sequence.</summary>
    public long Last { get; private set; } = start.Sequence;

    /// <summary>The first sequence that is there; the next one where the log is empty.</summary>
    public long First => Entries.Count == 0 ? Last + 1 : Entries.Oldest.Span.From;

    public SequenceSpan? Available => Entries.Count == 0 ? null : new SequenceSpan(First, Last);

    /// <summary>Whether a reader can start at the current turn and miss nothing but what the log's own source no longer had.</summary>
    public bool HasWholeCurrentTurn => OpenTurns.Current is not { } turn
        || (turn is { Started: not null, MayHaveEnded: false } && turn.FirstSequence >= First);

    /// <exception cref="GatewayException">The payload does not follow the one before.</exception>
    public LogEntry Append(in PayloadHeader header, ReadOnlyMemory<byte> encoded)
    {
        if (header.Epoch != Epoch)
        {
            throw new GatewayException(
                ErrorReason.EpochChanged, $"The payload is of epoch {header.Epoch}, the log of epoch {Epoch}.");
        }

        var discarded = header.Kind == PayloadKind.TurnEnded ? header.ReadDiscarded() : null;
        var span = new SequenceSpan(Last + 1, header.Sequence);
        if (header.Sequence <= Last
            || (header.Sequence > Last + 1 && discarded?.Covers(span with { Through = header.Sequence - 1 }) != true))
        {
            throw new GatewayException(
                ErrorReason.Internal, $"Sequence {header.Sequence} does not follow {Last}, and nothing declares a gap.");
        }

        var turn = header.TurnId.IsEmpty ? null : OpenTurns.Track(header);
        var entry = new LogEntry(this, span, header.Kind, turn, encoded) { Discarded = discarded, AppendedAt = _clock.Now };
        if (turn is not null && header.Kind == PayloadKind.TurnStarted)
        {
            turn.Started = entry;
        }

        Add(entry);
        return entry;
    }

    /// <summary>Declares that the sequences after the latest, up to <paramref name="through"/>, will never be here.</summary>
    public void DeclareSkipped(long through, SkipReason reason)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(through, Last);
        OpenTurns.Skip(reason);
        Add(CreateDeclaration(new SequenceSpan(Last + 1, through), reason));
    }

    /// <summary>An entry, of the log or for one reader, that declares sequences.</summary>
    public LogEntry CreateDeclaration(SequenceSpan span, SkipReason reason)
    {
        var skipped = new SequenceSkipped
        {
            Epoch = Epoch,
            Range = new SequenceRange { From = span.From, Through = span.Through },
            Reason = reason,
        };
        byte[] encoded = new SubscribeResponse { Skipped = skipped }.ToByteArray();
        return new LogEntry(this, span, PayloadKind.Unknown, turn: null, encoded) { SkipReason = reason, AppendedAt = _clock.Now };
    }

    /// <summary>For how long an entry has been here; time in which playback was paused does not count.</summary>
    public TimeSpan GetAge(LogEntry entry)
    {
        lock (Lock)
        {
            return _clock.GetAge(entry.AppendedAt);
        }
    }

    public void MarkHeard(long throughSequence)
    {
        _heardThrough = Math.Max(throughSequence, _heardThrough ?? 0);
        Trim();
    }

    /// <summary>Counts bytes that an entry holds beside its encoded response.</summary>
    public void Enlarge(LogEntry entry, int bytes)
    {
        lock (Lock)
        {
            Entries.Enlarge(entry, bytes);
            Trim();
        }
    }

    public void Trim()
    {
        while (Entries.Count > 0 && MayLeave(Entries.Oldest))
        {
            Entries.RemoveOldest();
        }

        OpenTurns.Trim(First);
    }

    private bool MayLeave(LogEntry oldest) =>
        oldest.Sequence <= (_heardThrough ?? long.MaxValue)
        && (Entries.Bytes > options.MaxBytes || _clock.GetAge(oldest.AppendedAt) > options.Retention);

    private void Add(LogEntry entry)
    {
        Entries.Add(entry);
        Last = entry.Sequence;
        _clock.Stop(OpenTurns.IsPaused);
        Trim();
    }
}
