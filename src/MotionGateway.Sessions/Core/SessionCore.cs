using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>
/// A session as a state machine: it is told what happens and what time it is, appends to the log, and keeps what the speaker must
/// learn. It does nothing by itself. Not thread-safe. A command that is refused changes nothing; but the turn of a refused chunk
/// takes no more audio.
/// </summary>
internal sealed partial class SessionCore
{
    private readonly CoreContext _context;
    private readonly SpeechIntake _intake;
    private readonly ReleaseSchedule _schedule;
    private readonly TurnEndings _endings;
    private readonly MotionPace _pace;
    private readonly ISessionEffects _effects;
    private long _idleSince;

    public SessionCore(
        SessionSettings settings, SessionLimits limits, SessionLog log, ISessionEffects effects, Func<long> creditBytes,
        TimeProvider timeProvider)
    {
        _context = new CoreContext(
            settings, limits, new TurnQueue(), new LogWriter(log, settings, timeProvider), new SpeakerLedger(), timeProvider);
        _effects = effects;
        _pace = new MotionPace(_context);
        Motion = new MotionTracker(_context, _pace);
        _intake = new SpeechIntake(_context, creditBytes, effects.TurnBegan, turn => _endings!.FailAtOnce(turn));
        _schedule = new ReleaseSchedule(_context, _pace, Motion);
        _endings = new TurnEndings(_context, _intake, OnEnded);
        Published = new PublishedTurns(_context, _endings, _intake.Settle, effects.SignalMissing);
        _idleSince = _context.Now;

        // Before anything is appended: what is unheard does not leave the log.
        _context.Writer.MarkHeard(Turns.Active);
    }

    public MotionTracker Motion { get; }

    public PublishedTurns Published { get; }

    /// <summary>Whether turns are published into a room; else their media goes through the log.</summary>
    public bool IsPublishing => _context.IsPublishing;

    /// <summary>What is to be sent to the Motion Server.</summary>
    public ILegDemand Demand => IsPublishing ? Published : Motion.Demand;

    public SpeakerLedger Ledger => _context.Ledger;

    public TurnQueue Turns => _context.Turns;

    public SpeechIntake Intake => _intake;

    public bool IsClosed { get; private set; }

    /// <summary>No more speech comes: the session is closed when all has been heard.</summary>
    public bool IsFinishing { get; private set; }

    /// <summary>With a closed session: why; unspecified when it was closed on request.</summary>
    public ErrorReason ClosedBecause { get; private set; }

    /// <summary>Whether the connection to the Motion Server has been without speech for so long that it should be let go of.</summary>
    public bool IsParkDue => ParkDue() <= TimeSpan.Zero;

    /// <summary>Bytes held for turns that are not over.</summary>
    public long HeldBytes
    {
        get
        {
            long bytes = 0;
            foreach (var turn in Turns.Active)
            {
                bytes += turn.Speech.HeldBytes + turn.Motion.WaitingBytes;
            }

            return bytes;
        }
    }

    /// <summary>Takes speech.</summary>
    /// <param name="turnId">The turn; empty: the open one, or a new one.</param>
    /// <param name="data">The bytes, cut anywhere.</param>
    /// <param name="endTurn">The turn's speech ends with them.</param>
    /// <exception cref="GatewayException">The audio is refused.</exception>
    public void WriteAudio(string turnId, ReadOnlySpan<byte> data, bool endTurn)
    {
        ThrowIfClosed();
        try
        {
            _intake.Write(turnId, data, endTurn);
        }
        finally
        {
            Advance();
        }
    }

    /// <summary>Says a whole turn that is not the speaker's.</summary>
    /// <exception cref="GatewayException">Too many turns wait.</exception>
    public void Say(string turnId, ReadOnlySpan<byte> samples)
    {
        ThrowIfClosed();
        if (Turns.Active.Count > _context.Limits.MaxWaitingTurns)
        {
            throw new GatewayException(
                ErrorReason.TooManyTurns, $"{_context.Limits.MaxWaitingTurns} turns wait already: try again when some have been heard.");
        }

        _intake.Say(turnId, samples);
        Advance();
    }

    /// <summary>A turn's speech is complete.</summary>
    /// <param name="turnId">The turn; empty: the open one.</param>
    public void EndTurn(string turnId)
    {
        ThrowIfClosed();
        _intake.EndTurn(turnId);
        Advance();
    }

    /// <inheritdoc cref="TurnEndings.Interrupt"/>
    public InterruptResult Interrupt(string turnId, InterruptScope scope, string reason, LogPosition? seen, bool isSpeakers)
    {
        ThrowIfClosed();
        Advance();
        if (IsClosed)
        {
            return new InterruptResult("", AlreadyEnded: true, null, 0, []);
        }

        var result = _endings.Interrupt(turnId, scope, reason, seen, isSpeakers);
        Advance();
        return result;
    }

    /// <inheritdoc cref="LogWriter.Append(ViewerMessage, List{SpeechTurn})"/>
    public void Send(ViewerMessage message)
    {
        ThrowIfClosed();
        _context.Writer.Append(message, Turns.Active);
        Advance();
    }

    /// <summary>A connection to the Motion Server has taken speech.</summary>
    public void SpeechSent(MotionRequest request, long throughSample)
    {
        var turn = request.Turn;
        turn.Times.Sent ??= _context.Now;
        turn.Sent = Math.Max(turn.Sent, throughSample);
        if (!turn.IsOver)
        {
            if (turn.IsPublished)
            {
                Published.SpeechSent(request);
                Advance();
                return;
            }

            _intake.Settle(turn);
            Motion.Demand.Trim(turn);
        }
    }

    /// <summary>No more speech will come: open turns end, and the session is closed when every turn has been heard.</summary>
    public void Finish()
    {
        if (IsClosed)
        {
            return;
        }

        foreach (var turn in Turns.Active.Where(turn => turn.IsOpen).ToList())
        {
            _intake.Complete(turn);
        }

        IsFinishing = _intake.IsClosed = true;
        Advance();
    }

    /// <summary>Closes the session: every turn ends, and the log is complete. A closed session stays closed.</summary>
    public void Close(ErrorReason error, string reason)
    {
        if (IsClosed)
        {
            return;
        }

        _endings.EndAll(error == ErrorReason.Unspecified ? TurnOutcome.Interrupted : TurnOutcome.Failed, error, reason);
        IsClosed = true;
        ClosedBecause = error;

        // The speaker knows before the log is complete: a stream that ends with the log tells why.
        _effects.SessionEnded(error, reason);
        _context.Writer.EndSession(error, reason);
        _context.Writer.MarkHeard(Turns.Active);
    }

    /// <summary>Does all that is due now.</summary>
    public void Advance()
    {
        if (IsClosed)
        {
            return;
        }

        if (PauseDue() <= TimeSpan.Zero)
        {
            ResumePaused();
        }

        _endings.EndAbandoned();
        Published.Advance();
        if (!IsPublishing)
        {
            AdvanceLogged();
        }

        _intake.Settle();
        _context.Writer.MarkHeard(Turns.Active);
        CloseIfDone();
    }

    /// <summary>When <see cref="Advance"/> has something to do again, if nothing else happens; null: never.</summary>
    public TimeSpan? NextDue()
    {
        if (IsClosed)
        {
            return null;
        }

        TimeSpan? due = null;
        void Consider(TimeSpan? time) => due = time is { } t && (due is null || t < due) ? t : due;
        Consider(Published.NextDue());
        Consider(IsPublishing ? null : _schedule.NextDue());
        Consider(_intake.NextDue());
        Consider(_endings.NextDue());
        Consider(PauseDue());
        Consider(IsParkDue ? null : ParkDue());
        if (Turns.Active.Count == 0 && _context.Limits.IdleTimeout > TimeSpan.Zero)
        {
            Consider(_context.Limits.IdleTimeout - _context.Since(_idleSince));
        }

        return due is { } d && d < TimeSpan.Zero ? TimeSpan.Zero : due;
    }

    private TimeSpan? ParkDue() => Turns.Active.Count == 0 && _context.Limits.ParkAfter > TimeSpan.Zero
        ? _context.Limits.ParkAfter - _context.Since(_idleSince)
        : null;

    private void CloseIfDone()
    {
        if (Turns.Active.Count > 0)
        {
            _idleSince = _context.Now;
        }
        else if (IsFinishing)
        {
            Close(ErrorReason.Unspecified, "speech is complete");
        }
        else if (_context.Limits.IdleTimeout > TimeSpan.Zero && _context.Since(_idleSince) >= _context.Limits.IdleTimeout)
        {
            Close(ErrorReason.Unspecified, "idle");
        }
    }

    private void OnEnded(SpeechTurn turn, SequenceSpan? discarded)
    {
        _idleSince = _context.Now;
        _pace.Learn(turn);
        _effects.TurnEnded(turn, discarded);
    }

    private void ThrowIfClosed()
    {
        if (IsClosed)
        {
            throw new GatewayException(ErrorReason.SessionClosed, "The session is closed: open another.");
        }
    }
}
