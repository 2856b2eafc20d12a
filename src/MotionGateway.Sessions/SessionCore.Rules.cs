using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

// What is taken, what is released when, and what ends when.
internal sealed partial class SessionCore
{
    private static readonly (byte[] Magic, string Name)[] Containers =
    [
        ("RIFF"u8.ToArray(), "WAV"), ("OggS"u8.ToArray(), "Ogg"), ("fLaC"u8.ToArray(), "FLAC"), ("ID3"u8.ToArray(), "MP3"),
    ];

    private SpeechTurn? FindForAudio(string turnId)
    {
        if (turnId.Length == 0)
        {
            return _open;
        }

        if (!_known.TryGetValue(turnId, out var turn))
        {
            return _open is null or { State: TurnState.Ended } ? null : throw new GatewayException(
                ErrorReason.InvalidRequest, $"Turn {_open.Id} is still open: end or interrupt it before starting another.")
            {
                Field = "audio.turn_id",
            };
        }

        bool takesAudio = turn.State == TurnState.Ended
            ? turn.Outcome is TurnOutcome.Interrupted or TurnOutcome.Failed
            : !turn.IsAudioComplete;
        return takesAudio ? turn : throw new GatewayException(
            ErrorReason.TurnNotOpen, $"The speech of turn {turnId} is complete: a turn id is used once a session.")
        {
            Field = "audio.turn_id",
        };
    }

    private void Validate(SpeechTurn? turn, ReadOnlyMemory<byte> data, bool endTurn)
    {
        if (data.IsEmpty && (turn is null || !endTurn))
        {
            throw endTurn
                ? new GatewayException(ErrorReason.TurnNotOpen, "No such turn is open: a turn begins with audio.")
                {
                    Field = "end_turn.turn_id",
                }
                : Invalid("audio.data", "The chunk is empty: send at least one byte, or end the turn.");
        }

        long credit = _limits.CreditBytesAt(_settings.SampleRate);
        if (_unacknowledgedBytes + data.Length > credit)
        {
            throw new GatewayException(
                ErrorReason.AudioCreditExceeded,
                $"{_unacknowledgedBytes + data.Length} bytes would be unacknowledged, at most {credit} may be: wait for "
                + "audio_acknowledged before sending on.")
            {
                Field = "audio.data",
            };
        }

        ThrowIfContainer(turn, data.Span);
        long bytes = (turn?.ReceivedBytes ?? 0) + data.Length;
        if (endTurn && bytes % sizeof(short) != 0)
        {
            throw new GatewayException(
                ErrorReason.OddAudioLength,
                $"The turn has {bytes} bytes, but samples have 2: send the missing byte with the end of the turn.")
            {
                Field = "audio.data",
            };
        }

        if (bytes / sizeof(short) > _limits.MaxTurn.TotalSeconds * _settings.SampleRate)
        {
            throw new GatewayException(
                ErrorReason.TurnTooLong,
                $"A turn lasts at most {_limits.MaxTurn.TotalSeconds:0} s: end this one and go on in another.")
            {
                Field = "audio.data",
            };
        }

        if (turn is null && _turns.Count > _limits.MaxWaitingTurns)
        {
            throw new GatewayException(
                ErrorReason.TooManyTurns,
                $"{_limits.MaxWaitingTurns} turns follow the one that plays already: wait for turn_ended before starting another.")
            {
                Field = "audio.turn_id",
            };
        }
    }

    private static void ThrowIfContainer(SpeechTurn? turn, ReadOnlySpan<byte> data)
    {
        Span<byte> buffer = stackalloc byte[4];
        ReadOnlySpan<byte> head = turn is null ? data[..Math.Min(data.Length, buffer.Length)] : turn.PeekHead(data, buffer);
        foreach (var (magic, name) in Containers)
        {
            if (head.StartsWith(magic))
            {
                throw new GatewayException(
                    ErrorReason.AudioHasHeader,
                    $"The audio begins with a {name} header: send only samples, signed 16-bit little-endian mono.")
                {
                    Field = "audio.data",
                };
            }
        }
    }

    private static GatewayException Invalid(string field, string message) =>
        new(ErrorReason.InvalidRequest, message) { Field = field };

    private SpeechTurn AddTurn(string turnId)
    {
        _turnCount++;
        string id = turnId.Length > 0 ? turnId : $"turn-{_turnCount}";
        for (int i = 2; _known.ContainsKey(id); i++)
        {
            id = $"turn-{_turnCount}-{i}";
        }

        var turn = new SpeechTurn(id, _turnCount, _createRequestId(), _settings.SampleRate, _timeProvider);
        _turns.Add(turn);
        _known.Add(id, turn);
        _knownOrder.Enqueue(id);
        while (_knownOrder.Count > RememberedTurns && _known[_knownOrder.Peek()].State == TurnState.Ended)
        {
            _known.Remove(_knownOrder.Dequeue());
        }

        return _open = turn;
    }

    // Audio of a turn that was interrupted is still on its way when its speaker learns of it.
    private void Discard(SpeechTurn turn, int bytes, bool endTurn)
    {
        turn.Discard(bytes);
        _unacknowledgedBytes += bytes;
        Acknowledge(turn);
        if (endTurn)
        {
            turn.IsAudioComplete = true;
            _open = _open == turn ? null : _open;
        }
    }

    private void Acknowledge(SpeechTurn turn)
    {
        long handled = turn.HandledBytes;
        if (handled > turn.AcknowledgedBytes)
        {
            _unacknowledgedBytes -= handled - turn.AcknowledgedBytes;
            turn.AcknowledgedBytes = handled;
            _effects.AcknowledgeAudio(turn.Id, handled, turn.DiscardedBytes);
        }
    }

    private void LoseMotion(SpeechTurn turn, ErrorReason error)
    {
        if (turn.Motion == MotionProgress.Pending)
        {
            turn.Motion = MotionProgress.Lost;
            turn.MotionError = error;
            Acknowledge(turn);
        }
    }

    private void LoseStalledMotion()
    {
        foreach (var turn in _turns)
        {
            if (MotionDue(turn) <= TimeSpan.Zero)
            {
                LoseMotion(turn, ErrorReason.MotionServerConnectionFailed);
                _effects.MotionStalled(turn);
            }
        }
    }

    private void ResumeOverduePause()
    {
        if (Playing is { Clock.IsPaused: true } && _timeProvider.GetElapsedTime(_pausedAt) >= _limits.PauseLimit)
        {
            var turn = Playing;
            turn.Clock.Resume();
            _writer.ChangePlayback(turn, paused: false);
        }
    }

    // Turns are released in order, each only when all of the one before is in the log.
    private void Release()
    {
        foreach (var turn in _turns)
        {
            if (turn.State == TurnState.Waiting && !MayStart(turn))
            {
                return;
            }

            Release(turn);
            if (turn.State != TurnState.Sealed || _settings.TurnRelease != TurnRelease.AtOnce)
            {
                return;
            }
        }
    }

    private void Release(SpeechTurn turn)
    {
        if (turn.State == TurnState.Waiting)
        {
            turn.State = TurnState.Started;
            turn.ReleasedAt = _timeProvider.GetTimestamp();
            _writer.Start(turn);
        }

        if (turn == _turns[0] && !turn.Clock.IsRunning)
        {
            turn.Clock.Start();
        }

        while (turn.HasStaged && LeadExcess(turn) <= 0)
        {
            _writer.Append(turn, turn.TakeStaged());
        }

        Acknowledge(turn);
        if (turn.State == TurnState.Started && turn.IsAllReleased)
        {
            turn.State = TurnState.Sealed;
            _writer.Seal(turn);
            _effects.ReportTurn(turn);
        }
    }

    private bool MayStart(SpeechTurn turn) => turn.HasStaged && LeadExcess(turn) <= 0 && !(HoldDue(turn) > TimeSpan.Zero);

    private bool EndHeardTurn()
    {
        if (Playing is not { State: TurnState.Sealed } turn
            || !(turn.Clock.TimeUntil(turn.Samples + turn.ViewerLag) <= TimeSpan.Zero))
        {
            return false;
        }

        bool isWhole = turn.Motion == MotionProgress.Complete;
        End(turn, isWhole ? TurnOutcome.Completed : TurnOutcome.AudioOnly, turn.MotionError, reason: "");
        return true;
    }

    private SequenceSpan? End(SpeechTurn turn, TurnOutcome outcome, ErrorReason error, string reason)
    {
        if (turn.State == TurnState.Waiting)
        {
            _writer.Start(turn);
        }

        if (turn.State != TurnState.Sealed)
        {
            _effects.ReportTurn(turn);
        }

        turn.End(outcome);
        _turns.Remove(turn);
        _idleSince = _timeProvider.GetTimestamp();
        Acknowledge(turn);
        var discarded = _writer.End(turn, error, reason);
        _effects.AbandonRequest(turn);
        _effects.TurnEnded(turn, discarded);
        return discarded;
    }

    // Samples by which the turn's next payload is further ahead of playback than it may be.
    private long LeadExcess(SpeechTurn turn)
    {
        if (_settings.MaxLead <= TimeSpan.Zero)
        {
            return 0;
        }

        // Motion counts from its audio. Where a server is ahead of that, it must not hold up the audio behind it.
        var media = turn.NextStaged;
        long place = media.IsMotion
            ? Math.Min(media.First * _settings.SamplesPerKeyframe, turn.Clock.Released)
            : media.First;
        long ahead = place - turn.Clock.Heard;
        foreach (var earlier in _turns)
        {
            if (earlier == turn)
            {
                break;
            }

            ahead += earlier.Samples - earlier.Clock.Heard;
        }

        return ahead - (long)(_settings.MaxLead.TotalSeconds * _settings.SampleRate);
    }

    private TimeSpan? HoldDue(SpeechTurn turn) =>
        _settings.AudioRelease == AudioRelease.WithMotion && turn is { HasStagedMotion: false, Motion: MotionProgress.Pending }
            ? _limits.HoldLimit - _timeProvider.GetElapsedTime(turn.CreatedAt)
            : null;

    // The Motion Server works on requests in order: motion of any turn is progress for all.
    private TimeSpan? MotionDue(SpeechTurn turn) =>
        turn is { IsAudioComplete: true, Motion: MotionProgress.Pending }
            ? _limits.MotionTimeout - _timeProvider.GetElapsedTime(Math.Max(turn.ReceivedAt, _motionAt))
            : null;

    // When the turn that is next to be released can be.
    private TimeSpan? ReleaseDue()
    {
        var turn = _turns.Find(candidate => candidate.State != TurnState.Sealed);
        bool isNext = turn is not null && (turn == _turns[0] || _settings.TurnRelease == TurnRelease.AtOnce);
        if (!isNext || !turn!.HasStaged)
        {
            return null;
        }

        if (turn.State == TurnState.Waiting && HoldDue(turn) is { } hold && hold > TimeSpan.Zero)
        {
            return hold;
        }

        // Where playback runs dry before, it is the audio or the end of the turn that plays which lets it go on.
        long excess = LeadExcess(turn);
        return excess > 0 && Playing is { } playing && playing.Clock.Heard + excess <= playing.Clock.Released
            ? playing.Clock.TimeUntil(playing.Clock.Heard + excess)
            : null;
    }

    private void ThrowIfClosed()
    {
        if (IsClosed)
        {
            throw new GatewayException(ErrorReason.SessionClosed, "The session is closed: open another.");
        }
    }
}
