namespace MotionGateway.Sessions.Tests.Checker;

// What must have happened by now, because its time has come.
internal sealed partial class ReferenceSession
{
    private long Lead => settings.MaxLead > TimeSpan.Zero ? ToSamples(settings.MaxLead) : long.MaxValue;

    /// <summary>The Motion Server was given up for a turn.</summary>
    public void AuditStall(string id)
    {
        var turn = Live.Find(candidate => candidate.Id == id);
        Check.That(turn is not null && IsMotionOverdue(turn), $"{id}: motion was given up too early");
        LoseMotion(turn, V1.ErrorReason.MotionServerConnectionFailed);
    }

    public void AuditNothingOverdue()
    {
        Check.That(_stopped.Count == 0, $"{_stopped.Count} turns were not ended");
        Check.That(_pauseAsked is null, $"playback did not change");
        Check.That(!_closing || IsClosed, $"the session did not end");
        if (IsClosed)
        {
            return;
        }

        Check.That(
            Live.Count > 0 || limits.IdleTimeout <= TimeSpan.Zero || Now - _idleSince < limits.IdleTimeout,
            $"the session is idle and was not closed");
        foreach (var turn in Live)
        {
            Check.That(!IsMotionOverdue(turn), $"{turn.Id}: motion is overdue");
        }

        if (Playing is { } playing)
        {
            Check.That(!playing.IsSealed || !playing.Clock.IsOver(playing.Lag), $"{playing.Id} was heard and did not end");
            Check.That(!playing.Clock.IsPaused || Now - _pausedAt < limits.PauseLimit, $"{playing.Id} is paused for too long");
        }

        if (Live.Find(turn => !turn.IsSealed) is { } next && IsItsTurn(next))
        {
            AuditReleased(next);
        }
    }

    private void AuditReleased(ReferenceTurn turn)
    {
        if (!turn.IsStarted)
        {
            Check.That(
                !HasStaged(turn) || !IsHoldOver(turn) || Ahead(turn, 0) > Lead, $"{turn.Id} should have started");
            return;
        }

        Check.That(
            !turn.HasWaitingAudio || Ahead(turn, turn.LoggedSamples) > Lead, $"{turn.Id}: audio should have been released");
        Check.That(
            turn.HasWaitingAudio || turn.WaitingMotion.Count == 0
                || Ahead(turn, Math.Min(turn.LoggedSamples, turn.LoggedKeyframes * settings.SampleRate / 25)) > Lead,
            $"{turn.Id}: motion should have been released");
        Check.That(!IsComplete(turn), $"{turn.Id} should have been sealed");
    }

    private static bool HasStaged(ReferenceTurn turn) => turn.HasWaiting;

    private static bool IsComplete(ReferenceTurn turn) =>
        turn.IsLastAudioLogged && turn.WaitingMotion.Count == 0 && turn.Motion != ReferenceMotion.Pending;

    private bool IsItsTurn(ReferenceTurn turn) => settings.TurnRelease == V1.TurnRelease.AtOnce
        ? Live.TakeWhile(earlier => earlier != turn).All(earlier => earlier.IsSealed)
        : Live[0] == turn;

    private bool IsHoldOver(ReferenceTurn turn) =>
        settings.AudioRelease != V1.AudioRelease.WithMotion || turn.HasHadMotion || turn.Motion != ReferenceMotion.Pending
        || Now - turn.CreatedAt >= limits.HoldLimit;

    private bool IsMotionOverdue(ReferenceTurn turn) =>
        turn is { IsAudioComplete: true, Motion: ReferenceMotion.Pending }
        && Now - (turn.AudioAt > _motionAt ? turn.AudioAt : _motionAt) >= limits.MotionTimeout;

    // How far a place in a turn is ahead of playback, with all that plays before it.
    private long Ahead(ReferenceTurn turn, long place) =>
        place - turn.Clock.Heard
        + Live.TakeWhile(earlier => earlier != turn).Sum(earlier => earlier.LoggedSamples - earlier.Clock.Heard);

    private void StartClock()
    {
        if (Playing is { } turn)
        {
            turn.Clock.IsRunning = true;
        }
    }
}
