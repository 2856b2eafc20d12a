using MotionGateway.V1;

namespace MotionGateway.Feeds;

/// <summary>
/// A cursor into a log. It holds no payloads: media is handed out as far as the reader's window allows, and an interrupt
/// moves the cursor past what it made void. Used by one loop; <see cref="Acknowledge"/> may come from another.
/// </summary>
public sealed class LogReader : IDisposable
{
    private readonly SessionLog _log;
    private readonly ReaderStart _start;
    private readonly ReaderWindow _window;

    // Where the entry found last stands. Guarded by the log's lock.
    private Slab? _held;

    // Where the latest turn begins of which the reader is spared something: it is spared the same of those before.
    private long _sparedThrough = -1;

    // What is known to be skipped after Next, so that a long run is not walked at each wake. Guarded by the log's lock.
    private (SkipReason Reason, long Through) _knownRun;

    internal LogReader(
        SessionLog log, ReaderStart start, int windowBytes, IReaderWake wake, SlowReaderPolicy policy, bool countsAgainstLimit)
    {
        _log = log;
        _start = start;
        Policy = policy == SlowReaderPolicy.Unspecified ? SlowReaderPolicy.Disconnect : policy;
        _window = new ReaderWindow(log, windowBytes, Policy);
        Next = start.After + 1;
        Wake = wake;
        CountsAgainstLimit = countsAgainstLimit;
    }

    /// <summary>Up to where entries have been handed out.</summary>
    public LogPosition Position => new(_log.Epoch, Next - 1);

    /// <summary>Whether the log is complete and all of it has been handed out.</summary>
    public bool IsAtEnd => _log.IsComplete && Next > _log.End.Sequence;

    /// <summary>Sequences of the log that have not been handed out.</summary>
    public long Lag => _log.End.Sequence - (Next - 1);

    /// <summary>What happens to the reader when it does not keep up; never unspecified.</summary>
    public SlowReaderPolicy Policy { get; }

    /// <summary>Whether a turn of the log has begun and not ended, as far as is known.</summary>
    public bool IsTurnUnderWay => _log.IsTurnUnderWay;

    /// <summary>
    /// For how long media has waited for an acknowledgement; zero when none waits. Of a reader that would be spared something it is
    /// by how much longer media waits than when the window filled: it may acknowledge all the time and yet fall behind.
    /// </summary>
    public TimeSpan BlockedFor => _window.BlockedFor;

    /// <summary>Whether media waits for an acknowledgement.</summary>
    public bool IsBlocked => _window.Waiting is not null;

    /// <summary>The entry taken last, as long as the reader holds it: until it reads on.</summary>
    public LogEntry? Current { get; private set; }

    internal long Next { get; private set; }

    internal IReaderWake Wake { get; }

    /// <summary>Whether the reader is one of those that the log allows. Guarded by the log's lock.</summary>
    internal bool CountsAgainstLimit { get; set; }

    /// <summary>
    /// Takes the next entry: a payload, or the declaration of sequences that this reader will not see. Its bytes are there until the next
    /// call, whatever it gives, and until the reader is disposed.
    /// </summary>
    /// <param name="entry">The entry.</param>
    /// <returns>False when there is none at present, or when media must wait for an acknowledgement.</returns>
    public bool TryRead(out LogEntry entry)
    {
        entry = null!;
        Current = null;
        if (_log.Find(this) is not { } next)
        {
            _window.CountAnew();
            return false;
        }

        if (!_window.TryPass(next))
        {
            return false;
        }

        entry = Current = next;
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

        _window.Acknowledge(position.Sequence);
        Wake.SetByAcknowledgement();
    }

    /// <summary>
    /// Media has waited for too long: leaves out of its turn what the policy says, from here on. It is declared as any gap is. Called
    /// by the loop that reads.
    /// </summary>
    /// <returns>False when the policy leaves out no more: the feed has to end.</returns>
    public bool TrySpare()
    {
        if (_window.Waiting is not { } waiting)
        {
            // An acknowledgement came meanwhile.
            return true;
        }

        if (Policy == SlowReaderPolicy.Disconnect || waiting.Turn is not { } turn || turn.FirstSequence <= _sparedThrough)
        {
            return false;
        }

        _sparedThrough = turn.FirstSequence;
        _window.CountAnew();
        return true;
    }

    /// <summary>Gives the cursor up. May be called more than once.</summary>
    public void Dispose()
    {
        Current = null;
        _log.Remove(this);
    }

    /// <summary>
    /// Holds the memory in which an entry stands, and no longer what was held before. As a rule it is the same, and nothing is counted.
    /// Called under the log's lock: what is found there is held by the log.
    /// </summary>
    internal void HoldLocked(Slab? slab)
    {
        if (slab == _held)
        {
            return;
        }

        slab?.Hold();
        _held?.Release();
        _held = slab;
    }

    /// <summary>Finds what comes next, without taking it. Called under the log's lock.</summary>
    /// <param name="content">The log's content.</param>
    /// <param name="isComplete">Whether nothing more will be appended.</param>
    internal LogEntry? Find(LogContent content, bool isComplete)
    {
        if (Next > content.Last)
        {
            return null;
        }

        if (Next < _start.Begin)
        {
            return _start.Take(Next, content);
        }

        if (Next < content.First)
        {
            // What is known not to be for this reader is no loss to it.
            return _knownRun.Through >= Next
                ? content.CreateDeclaration(new SequenceSpan(Next, _knownRun.Through), _knownRun.Reason)
                : content.CreateDeclaration(new SequenceSpan(Next, content.First - 1), SkipReason.Expired);
        }

        var entry = FindFrom(content.Entries.IndexOf(Next), content, isComplete);
        return entry is { SkipReason: not SkipReason.Unspecified } && entry.Span.From < Next
            // The reader came from within the declared sequences: it is told of those after it.
            ? content.CreateDeclaration(entry.Span with { From = Next }, entry.SkipReason)
            : entry;
    }

    // The entry at the index, or, where that is not for this reader: the interrupt that covers the run of such entries,
    // else their declaration. A run that reaches the end of the log waits for what follows it, if anything can.
    private LogEntry? FindFrom(int index, LogContent content, bool isComplete)
    {
        var entries = content.Entries;
        var reason = GetReasonToSkip(entries[index]);
        if (reason == SkipReason.Unspecified)
        {
            return entries[index];
        }

        bool isKnown = _knownRun.Reason == reason && _knownRun.Through >= Next;
        int after = (isKnown ? entries.IndexOf(_knownRun.Through) : index) + 1;
        while (after < entries.Count && GetReasonToSkip(entries[after]) == reason)
        {
            after++;
        }

        var run = new SequenceSpan(Next, entries[after - 1].Sequence);
        if (after == entries.Count)
        {
            _knownRun = (reason, run.Through);
            return isComplete ? content.CreateDeclaration(run, reason) : null;
        }

        return reason == SkipReason.Interrupted
                && entries[after].Discarded is { } discarded && discarded.Covers(run)
                && GetReasonToSkip(entries[after]) == SkipReason.Unspecified
            ? entries[after]
            : content.CreateDeclaration(run, reason);
    }

    private SkipReason GetReasonToSkip(LogEntry entry) => entry switch
    {
        { IsVoid: true } => SkipReason.Interrupted,
        { Turn: { } turn } when _start.LeavesOut(turn) => SkipReason.BeforeStart,
        { IsMedia: true, Turn: { } turn } when turn.FirstSequence <= _sparedThrough && IsSpared(entry.Kind) => SkipReason.ReaderTooSlow,
        _ => SkipReason.Unspecified,
    };

    private bool IsSpared(PayloadKind kind) => Policy == SlowReaderPolicy.SkipTurn || kind == PayloadKind.Motion;
}
