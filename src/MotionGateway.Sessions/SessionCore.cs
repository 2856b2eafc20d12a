using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>
/// A session as a state machine: turns, their order and release, interrupts, the playback clock, the limits. It does
/// nothing by itself: it is told what happens and what time it is, appends to the log, and says through
/// <see cref="ISessionEffects"/> what else is to be done. Not thread-safe. A command that is refused changes nothing.
/// </summary>
internal sealed partial class SessionCore
{
    private const int RememberedTurns = 256;

    private readonly SessionSettings _settings;
    private readonly SessionLimits _limits;
    private readonly LogWriter _writer;
    private readonly ISessionEffects _effects;
    private readonly TimeProvider _timeProvider;
    private readonly Func<string> _createRequestId;

    // Turns that have not ended, in the order of their ordinals: the first started one is the one that plays.
    private readonly List<SpeechTurn> _turns = [];
    private readonly Dictionary<string, SpeechTurn> _known = [];
    private readonly Queue<string> _knownOrder = new();

    // The turn that takes unnamed audio. After an interrupt it is an ended turn, whose audio is discarded.
    private SpeechTurn? _open;
    private long _turnCount;
    private long _unacknowledgedBytes;
    private long _idleSince;
    private long _pausedAt;
    private long _motionAt;
    private bool _isFinishing;

    public SessionCore(
        SessionSettings settings, SessionLimits limits, SessionLog log, ISessionEffects effects,
        TimeProvider timeProvider, Func<string> createRequestId)
    {
        _settings = settings;
        _limits = limits;
        _writer = new LogWriter(log, settings, timeProvider);
        _effects = effects;
        _timeProvider = timeProvider;
        _createRequestId = createRequestId;
        _idleSince = timeProvider.GetTimestamp();
    }

    public bool IsClosed { get; private set; }

    /// <summary>With a closed session: why; unspecified when it was closed on request.</summary>
    public ErrorReason ClosedBecause { get; private set; }

    public long TurnCount => _turnCount;

    /// <summary>The latest turns, oldest first.</summary>
    public IEnumerable<SpeechTurn> LatestTurns => _knownOrder.Select(id => _known[id]);

    /// <summary>The turn that takes unnamed audio; null when the next audio begins a new one.</summary>
    public SpeechTurn? OpenTurn => _open;

    private SpeechTurn? Playing => _turns.Count > 0 && _turns[0].State != TurnState.Waiting ? _turns[0] : null;

    /// <summary>Takes speech.</summary>
    /// <param name="turnId">The turn; empty: the open one, or a new one.</param>
    /// <param name="data">The bytes; kept until they are released.</param>
    /// <param name="endTurn">The turn's speech ends with them.</param>
    /// <exception cref="GatewayException">The audio is refused, and nothing has changed.</exception>
    public void WriteAudio(string turnId, ReadOnlyMemory<byte> data, bool endTurn)
    {
        ThrowIfClosed();
        if (data.Length > _limits.MaxChunkBytes)
        {
            throw new GatewayException(
                ErrorReason.ChunkTooLarge,
                $"The chunk has {data.Length} bytes, at most {_limits.MaxChunkBytes} are taken: send it in parts.")
            {
                Field = "audio.data",
            };
        }

        var turn = FindForAudio(turnId);
        if (turn is { State: TurnState.Ended })
        {
            Discard(turn, data.Length, endTurn);
            return;
        }

        Validate(turn, data, endTurn);
        turn ??= AddTurn(turnId);
        _unacknowledgedBytes += data.Length;
        var samples = turn.Accept(data);
        turn.IsAudioComplete = endTurn;
        if (!samples.IsEmpty || endTurn)
        {
            turn.StageAudio(samples, endTurn);
            _effects.SendAudio(turn, samples, endTurn);
        }

        if (endTurn)
        {
            _open = null;
        }

        Advance();
    }

    /// <summary>A turn's speech is complete.</summary>
    /// <param name="turnId">The turn; empty: the open one.</param>
    /// <exception cref="GatewayException">No such turn takes audio, or it ended in the middle of a sample.</exception>
    public void EndTurn(string turnId)
    {
        if (turnId.Length == 0 && _open is null)
        {
            ThrowIfClosed();
            throw new GatewayException(ErrorReason.TurnNotOpen, "No turn is open: send audio before ending a turn.")
            {
                Field = "end_turn.turn_id",
            };
        }

        WriteAudio(turnId, default, endTurn: true);
    }

    /// <summary>Ends a turn and every turn released after it, now.</summary>
    /// <param name="turnId">The turn; empty: the one that plays, else the one that will play next.</param>
    /// <param name="reason">For viewers.</param>
    public InterruptResult Interrupt(string turnId, string reason)
    {
        Advance();
        ThrowIfClosed();
        var target = turnId.Length > 0 ? _turns.Find(turn => turn.Id == turnId) : _turns.FirstOrDefault();
        if (target is null)
        {
            return new InterruptResult(
                turnId, AlreadyEnded: true, null, _known.GetValueOrDefault(turnId)?.PlayedSamples ?? 0, []);
        }

        // A viewer's player throws away all that it has: what was released after the turn goes with it.
        var further = target.State == TurnState.Waiting
            ? []
            : _turns.Where(turn => turn.Ordinal > target.Ordinal && turn.State != TurnState.Waiting).ToList();
        var discarded = End(target, TurnOutcome.Interrupted, ErrorReason.Unspecified, reason);
        foreach (var turn in further)
        {
            End(turn, TurnOutcome.Interrupted, ErrorReason.Unspecified, reason);
        }

        Advance();
        return new InterruptResult(
            target.Id, AlreadyEnded: false, discarded, target.PlayedSamples, [.. further.Select(turn => turn.Id)]);
    }

    /// <summary>Holds the turn that plays. Nothing happens when none does.</summary>
    public void PausePlayback()
    {
        Advance();
        ThrowIfClosed();
        if (Playing is { Clock.IsPaused: false } turn)
        {
            turn.Clock.Pause();
            _pausedAt = _timeProvider.GetTimestamp();
            _writer.ChangePlayback(turn, paused: true);
        }
    }

    /// <summary>Lets the held turn go on. Nothing happens when none is held.</summary>
    public void ResumePlayback()
    {
        Advance();
        ThrowIfClosed();
        if (Playing is { Clock.IsPaused: true } turn)
        {
            turn.Clock.Resume();
            _writer.ChangePlayback(turn, paused: false);
            Advance();
        }
    }

    /// <summary>Appends a message to all viewers.</summary>
    public void Send(ViewerMessage message)
    {
        ThrowIfClosed();
        _writer.Append(message);
    }

    /// <summary>The Motion Server's connection took audio of a turn.</summary>
    public void AudioSent(SpeechTurn turn, int bytes)
    {
        turn.SentBytes += bytes;
        Acknowledge(turn);
    }

    /// <summary>Motion came.</summary>
    /// <param name="requestId">The request that it answers; of a turn that has ended it is dropped.</param>
    /// <param name="envelope">The whole message; kept until it is released.</param>
    /// <param name="keyframes">Its keyframes; a message without any is never forwarded.</param>
    /// <param name="end">The request's last motion.</param>
    public void MotionReceived(string requestId, ReadOnlyMemory<byte> envelope, int keyframes, bool end)
    {
        var turn = _turns.Find(candidate => candidate.RequestId == requestId);
        if (turn is not { Motion: MotionProgress.Pending })
        {
            return;
        }

        _motionAt = _timeProvider.GetTimestamp();
        if (keyframes > 0)
        {
            turn.StageMotion(envelope, keyframes, end);
        }

        if (end)
        {
            // Motion that ends before its audio, or has no keyframe at all, is not whole.
            bool isWhole = turn.IsAudioComplete && turn.Keyframes > 0;
            turn.Motion = isWhole ? MotionProgress.Complete : MotionProgress.Lost;
            turn.MotionError = isWhole ? ErrorReason.Unspecified : ErrorReason.MotionServerProtocolError;
        }

        Advance();
    }

    /// <summary>No more motion will come for the turns that wait for it.</summary>
    /// <param name="requestIds">Their requests.</param>
    /// <param name="error">Why.</param>
    public void MotionLost(IReadOnlySet<string> requestIds, ErrorReason error)
    {
        foreach (var turn in _turns.Where(turn => requestIds.Contains(turn.RequestId)))
        {
            LoseMotion(turn, error);
        }

        Advance();
    }

    /// <summary>A viewer says where its playback of a turn is: one that is behind moves the turn's end, within bounds.</summary>
    public void ReportPlayback(string turnId, long playedSamples)
    {
        if (Playing is { } turn && turn.Id == turnId)
        {
            long lag = turn.Clock.Heard - Math.Clamp(playedSamples, 0, turn.Clock.Heard);
            long bound = (long)(_limits.MaxViewerLag.TotalSeconds * _settings.SampleRate);
            turn.ViewerLag = Math.Max(turn.ViewerLag, Math.Min(lag, bound));
        }
    }

    /// <summary>No more speech will come: the open turn ends, and the session is closed when every turn has ended.</summary>
    /// <exception cref="GatewayException">The open turn ended in the middle of a sample.</exception>
    public void Finish()
    {
        ThrowIfClosed();
        if (_open is { State: not TurnState.Ended })
        {
            EndTurn("");
        }

        _isFinishing = true;
        Advance();
    }

    /// <summary>Closes the session: every turn ends, and the log is complete. A closed session stays closed.</summary>
    public void Close(ErrorReason error, string reason)
    {
        if (IsClosed)
        {
            return;
        }

        var outcome = error == ErrorReason.Unspecified ? TurnOutcome.Interrupted : TurnOutcome.Failed;
        while (_turns.Count > 0)
        {
            End(_turns[0], outcome, error, reason);
        }

        _open = null;
        IsClosed = true;
        ClosedBecause = error;

        // The speaker knows before the log is complete: a stream that ends with the log tells why.
        _effects.SessionEnded(error, reason);
        _writer.EndSession(error, reason);
    }

    /// <summary>Does all that is due now.</summary>
    public void Advance()
    {
        if (IsClosed)
        {
            return;
        }

        ResumeOverduePause();
        LoseStalledMotion();
        do
        {
            Release();
        }
        while (EndHeardTurn());

        if (_turns.Count > 0 || _open is { State: not TurnState.Ended })
        {
            _idleSince = _timeProvider.GetTimestamp();
        }
        else if (_isFinishing)
        {
            Close(ErrorReason.Unspecified, "speech is complete");
        }
        else if (_limits.IdleTimeout > TimeSpan.Zero && _timeProvider.GetElapsedTime(_idleSince) >= _limits.IdleTimeout)
        {
            Close(ErrorReason.Unspecified, "idle");
        }
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
        if (_turns.Count == 0 && _limits.IdleTimeout > TimeSpan.Zero)
        {
            Consider(_limits.IdleTimeout - _timeProvider.GetElapsedTime(_idleSince));
        }

        foreach (var turn in _turns)
        {
            Consider(MotionDue(turn));
        }

        if (Playing is { } playing)
        {
            Consider(playing.Clock.IsPaused ? _limits.PauseLimit - _timeProvider.GetElapsedTime(_pausedAt) : null);
            Consider(playing.State == TurnState.Sealed ? playing.Clock.TimeUntil(playing.Samples + playing.ViewerLag) : null);
        }

        Consider(ReleaseDue());

        return due is { } d && d < TimeSpan.Zero ? TimeSpan.Zero : due;
    }
}
