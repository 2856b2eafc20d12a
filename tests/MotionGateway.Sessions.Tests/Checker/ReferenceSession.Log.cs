using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Checker;

// What may stand in the log, payload by payload.
internal sealed partial class ReferenceSession
{
    private bool? _pauseAsked;

    /// <summary>A pause or its end was commanded.</summary>
    public void AskPause(bool paused) => _pauseAsked = Playing is { } turn && turn.Clock.IsPaused != paused ? paused : null;

    /// <summary>Checks the next payload of the log, and learns from it.</summary>
    public ReferenceTurn? Audit(Payload payload)
    {
        Check.That(!IsClosed, $"payload {payload.Sequence} after the end of the session");
        if (payload.ContentCase == Payload.ContentOneofCase.ViewerMessage)
        {
            Check.That(payload.TurnId.Length == 0, $"a message has turn {payload.TurnId}");
            return null;
        }

        if (payload.ContentCase == Payload.ContentOneofCase.SessionEnded)
        {
            AuditSessionEnd(payload.SessionEnded);
            return null;
        }

        var turn = Find(payload.TurnId);
        Check.That(turn is not null, $"payload {payload.Sequence} is of unknown turn {payload.TurnId}");
        Check.That(!turn.IsEnded, $"payload {payload.Sequence} after the end of {turn.Id}");
        Check.That(
            turn.IsStarted == (payload.ContentCase != Payload.ContentOneofCase.TurnStarted),
            $"{payload.ContentCase} of {turn.Id}, started: {turn.IsStarted}");
        Audit(turn, payload);
        return turn;
    }

    private void Audit(ReferenceTurn turn, Payload payload)
    {
        switch (payload.ContentCase)
        {
            case Payload.ContentOneofCase.TurnStarted:
                AuditStart(turn, payload);
                break;
            case Payload.ContentOneofCase.Audio:
                AuditAudio(turn, payload.Sequence, payload.Audio);
                break;
            case Payload.ContentOneofCase.Motion:
                AuditMotion(turn, payload.Sequence, payload.Motion);
                break;
            case Payload.ContentOneofCase.TurnSealed:
                AuditSeal(turn, payload.TurnSealed);
                break;
            case Payload.ContentOneofCase.PlaybackChanged:
                AuditPlayback(turn, payload.PlaybackChanged);
                break;
            case Payload.ContentOneofCase.TurnEnded:
                AuditEnd(turn, payload.TurnEnded);
                break;
            default:
                throw new CheckFailedException($"payload {payload.Sequence} holds {payload.ContentCase}");
        }
    }

    private void AuditStart(ReferenceTurn turn, Payload payload)
    {
        Check.That(payload.TurnStarted.Ordinal == All.IndexOf(turn) + 1, $"{turn.Id} has ordinal {payload.TurnStarted.Ordinal}");
        Check.That(payload.TurnStarted.SampleRate == settings.SampleRate, $"{turn.Id} has another rate");
        turn.StartedAt = payload.Sequence;
        if (_stopped.Contains(turn))
        {
            return;
        }

        Check.That(IsItsTurn(turn), $"{turn.Id} started before the turns before it were done");
        Check.That(IsHoldOver(turn), $"{turn.Id} started although it is held for its motion");
        StartClock();
    }

    private void AuditAudio(ReferenceTurn turn, long sequence, Audio audio)
    {
        Check.That(!turn.IsSealed && !turn.IsLastAudioLogged, $"audio after the last of {turn.Id}");
        Check.That(audio.FirstSample == turn.LoggedSamples, $"{turn.Id}: audio at {audio.FirstSample}, not {turn.LoggedSamples}");
        Check.That(audio.Data.Length == audio.SampleCount * 2, $"{turn.Id}: {audio.Data.Length} bytes, {audio.SampleCount} samples");
        Check.That(audio.FirstSample + audio.SampleCount <= turn.WholeSamples, $"{turn.Id}: audio that was not sent");
        Check.That(
            audio.Data.Span.SequenceEqual(turn.Audio(audio.FirstSample * 2, audio.Data.Length)), $"{turn.Id}: other audio than was sent");
        Check.That(audio.SampleCount > 0 || audio.Last, $"{turn.Id}: empty audio");
        Check.That(Ahead(turn, audio.FirstSample) <= Lead, $"{turn.Id}: audio too far ahead of playback");
        turn.LoggedSamples += audio.SampleCount;
        turn.Clock.Release(audio.SampleCount);
        turn.Media.Add((sequence, turn.LoggedSamples, true));
        turn.IsLastAudioLogged = audio.Last;
        Check.That(
            audio.Last == (turn.IsAudioComplete && turn.LoggedSamples == turn.WholeSamples) || !audio.Last,
            $"{turn.Id}: last audio is not the last");
    }

    private void AuditMotion(ReferenceTurn turn, long sequence, Motion motion)
    {
        Check.That(!turn.IsSealed && !turn.IsLastMotionLogged, $"motion after the last of {turn.Id}");
        Check.That(turn.WaitingMotion.Count > 0, $"{turn.Id}: motion that nobody sent");
        var (envelope, keyframes, last) = turn.WaitingMotion.Dequeue();
        Check.That(motion.FirstKeyframe == turn.LoggedKeyframes, $"{turn.Id}: motion at {motion.FirstKeyframe}");
        Check.That(motion.KeyframeCount > 0, $"{turn.Id}: motion without keyframes");
        Check.That(motion.KeyframeCount == keyframes && motion.Last == last, $"{turn.Id}: motion described wrongly");
        Check.That(motion.Envelope.Span.SequenceEqual(envelope), $"{turn.Id}: other motion than was sent");
        turn.LoggedKeyframes += keyframes;
        turn.IsLastMotionLogged = last;
        long covered = Math.Max(1, turn.LoggedSamples * 25 / settings.SampleRate);
        Check.That(
            !turn.IsServerCausal || turn.LoggedKeyframes <= covered,
            $"{turn.Id}: {turn.LoggedKeyframes} keyframes stand before their audio ({covered})");
        turn.Media.Add((sequence, turn.LoggedKeyframes * settings.SampleRate / 25, false));
    }

    private static void AuditSeal(ReferenceTurn turn, TurnSealed seal)
    {
        Check.That(!turn.IsSealed, $"{turn.Id} is sealed twice");
        Check.That(IsComplete(turn), $"{turn.Id} is sealed before all of it is in the log");
        Check.That(seal.SampleCount == turn.WholeSamples && seal.SampleCount == turn.LoggedSamples, $"{turn.Id}: seal of {seal.SampleCount}");
        Check.That(seal.KeyframeCount == turn.LoggedKeyframes, $"{turn.Id}: seal of {seal.KeyframeCount} keyframes");
        turn.IsSealed = true;
    }

    private void AuditPlayback(ReferenceTurn turn, PlaybackChanged playback)
    {
        Check.That(turn == Playing, $"{turn.Id} is paused but does not play");
        Check.That(playback.PlayedSamples == turn.Clock.Heard, $"{turn.Id}: paused at {playback.PlayedSamples}, not {turn.Clock.Heard}");
        bool isAsked = _pauseAsked == playback.Paused;
        bool isDue = !playback.Paused && turn.Clock.IsPaused && Now - _pausedAt >= limits.PauseLimit;
        Check.That(isAsked || isDue, $"{turn.Id}: playback changed unasked");
        _pauseAsked = null;
        if (playback.Paused)
        {
            turn.Clock.Pause();
            _pausedAt = Now;
        }
        else
        {
            turn.Clock.Resume();
        }
    }

    private void AuditEnd(ReferenceTurn turn, TurnEnded ended)
    {
        bool isStopped = _stopped.Remove(turn);
        bool isWhole = turn.Motion == ReferenceMotion.Whole;
        var (outcome, error, reason) = isStopped
            ? (_stopError == ErrorReason.Unspecified ? TurnOutcome.Interrupted : TurnOutcome.Failed, _stopError, _stopReason)
            : (isWhole ? TurnOutcome.Completed : TurnOutcome.AudioOnly, turn.MotionError, "");
        Check.That(isStopped || turn == Playing, $"{turn.Id} ended but did not play");
        Check.That(isStopped || turn.IsSealed, $"{turn.Id} ended before its seal");
        Check.That(isStopped || turn.Clock.IsOver(turn.Lag), $"{turn.Id} ended before it was heard ({turn.Clock.Heard} of {turn.WholeSamples})");
        Check.That(ended.Outcome == outcome, $"{turn.Id} ended {ended.Outcome}, not {outcome}");
        Check.That(ended.Error == error && ended.Reason == reason, $"{turn.Id} ended with {ended.Error} '{ended.Reason}', not {error} '{reason}'");
        Check.That(ended.PlayedSamples == turn.Clock.Heard, $"{turn.Id}: {ended.PlayedSamples} played, not {turn.Clock.Heard}");
        (long, long)? discarded = ended.Discarded is { } range ? (range.From, range.Through) : null;
        var expected = outcome == TurnOutcome.Interrupted ? turn.FindUnheard() : null;
        Check.That(discarded == expected, $"{turn.Id} discards {discarded}, not {expected}");
        (turn.IsEnded, turn.Outcome, turn.PlayedSamples) = (true, outcome, ended.PlayedSamples);
        Live.Remove(turn);
        _idleSince = Now;
        if (!_closing)
        {
            StartClock();
        }
    }

    private void AuditSessionEnd(SessionEnded ended)
    {
        bool isIdle = Live.Count == 0 && limits.IdleTimeout > TimeSpan.Zero && Now - _idleSince >= limits.IdleTimeout;
        Check.That(_closing || isIdle, $"the session ended unasked: {ended.Error} '{ended.Reason}'");
        Check.That(Live.Count == 0, $"the session ended before {Live.Count} turns");
        Check.That(
            _closing ? ended.Error == _stopError && ended.Reason == _stopReason : ended.Error == ErrorReason.Unspecified,
            $"the session ended with {ended.Error} '{ended.Reason}'");
        IsClosed = true;
        Open = null;
    }
}
