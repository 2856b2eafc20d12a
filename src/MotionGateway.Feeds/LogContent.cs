using Google.Protobuf;
using MotionGateway.V1;

namespace MotionGateway.Feeds;

/// <summary>
/// What a log holds: its entries, the turns that are open in them, and what may leave. All that does not take <see cref="Lock"/>
/// itself is used under it.
/// </summary>
internal sealed class LogContent(LogPosition start, SessionLogOptions options, TimeProvider timeProvider, SlabPool pool)
{
    private readonly LogSlabs _slabs = new(pool);
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

    /// <summary>Appends a payload, which is copied.</summary>
    /// <exception cref="GatewayException">The payload does not follow the one before.</exception>
    public LogEntry Append(in PayloadHeader header, ReadOnlySpan<byte> encoded)
    {
        var discarded = header.Kind == PayloadKind.TurnEnded ? header.ReadDiscarded() : null;
        Check(new LogPosition(header.Epoch, header.Sequence), discarded);

        // What is no media is rare and small, and may be kept when it has left the log: the beginning of an open turn is.
        bool isMedia = header.Kind is PayloadKind.Audio or PayloadKind.Motion;
        if (!isMedia)
        {
            return Append(header, new SlabPart(Slab.Of(encoded.ToArray()), 0, encoded.Length), discarded);
        }

        var part = _slabs.Take(encoded.Length, header.Sequence);
        encoded.CopyTo(part.Span);
        return Append(header, part, discarded: null);
    }

    /// <summary>Appends media, which is written where it stays.</summary>
    /// <exception cref="GatewayException">The payload does not follow the one before.</exception>
    public LogEntry Append(in MediaPayload media, bool isHeld)
    {
        Check(media.Position, discarded: null);
        var part = _slabs.Take(media.Size, media.Position.Sequence);
        media.Write(part.Span);
        if (isHeld)
        {
            // Before it is in the log, which may let go of it at once.
            part.Slab.Hold();
        }

        PayloadHeader.TryRead(part.Span, out var header);
        return Append(header, part, discarded: null);
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
        var part = new SlabPart(Slab.Of(encoded), 0, encoded.Length);
        return new LogEntry(this, span, PayloadKind.Unknown, turn: null, part, skipReason: reason) { AppendedAt = _clock.Now };
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
            RemoveOldest();
        }

        OpenTurns.Trim(First);
        _slabs.Trim(First);
    }

    /// <summary>Lets go of all entries: nobody will read them.</summary>
    public void Clear()
    {
        while (Entries.Count > 0)
        {
            RemoveOldest();
        }

        _slabs.Trim(First);
    }

    private void Check(LogPosition position, SequenceSpan? discarded)
    {
        if (position.Epoch != Epoch)
        {
            throw new GatewayException(
                ErrorReason.EpochChanged, $"The payload is of epoch {position.Epoch}, the log of epoch {Epoch}.");
        }

        if (position.Sequence <= Last
            || (position.Sequence > Last + 1 && discarded?.Covers(new SequenceSpan(Last + 1, position.Sequence - 1)) != true))
        {
            throw new GatewayException(
                ErrorReason.Internal, $"Sequence {position.Sequence} does not follow {Last}, and nothing declares a gap.");
        }
    }

    private LogEntry Append(in PayloadHeader header, in SlabPart part, SequenceSpan? discarded)
    {
        var turn = header.TurnId.IsEmpty ? null : OpenTurns.Track(header);
        var entry = new LogEntry(this, new SequenceSpan(Last + 1, header.Sequence), header.Kind, turn, part, discarded)
        {
            AppendedAt = _clock.Now,
        };
        if (turn is not null && header.Kind == PayloadKind.TurnStarted)
        {
            turn.Started = entry;
        }

        Add(entry);
        return entry;
    }

    private void RemoveOldest()
    {
        var oldest = Entries.Oldest;
        Entries.RemoveOldest();
        oldest.HasLeft = true;
        oldest.Release();
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
