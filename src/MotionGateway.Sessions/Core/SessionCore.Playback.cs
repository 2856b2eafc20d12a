using MotionGateway.V1;

namespace MotionGateway.Sessions;

// Through the log, or published into a room: what differs.
internal sealed partial class SessionCore
{
    /// <summary>Holds the turn that plays. Nothing happens when none does.</summary>
    public void PausePlayback()
    {
        ThrowIfClosed();
        Advance();
        if (IsPublishing)
        {
            Published.Pause();
        }
        else if (Turns.Playing is { Clock.IsPaused: false } turn)
        {
            turn.Clock.Pause();
            turn.Times.Paused = _context.Now;
            _context.Writer.ChangePlayback(turn, paused: true);
        }
    }

    /// <summary>Lets the held turn go on. Nothing happens when none is held.</summary>
    public void ResumePlayback()
    {
        ThrowIfClosed();
        ResumePaused();
        Advance();
    }

    /// <inheritdoc cref="TurnEndings.ReportPlayback"/>
    public void ReportPlayback(string turnId, long playedSamples) => _endings.ReportPlayback(turnId, playedSamples);

    /// <summary>A leg is gone, with all that was under way on it.</summary>
    /// <returns>The turns that miss what it had to give.</returns>
    public List<SpeechTurn> LoseLeg(MotionLeg leg, ErrorReason reason, bool isForGood) => leg.HasEgress
        ? Published.Lose(leg, requestId: null, reason, isForGood)
        : Motion.LoseLeg(leg, reason, isForGood);

    /// <summary>No connection can be had.</summary>
    /// <returns>The turns that go on without, or fail.</returns>
    public List<SpeechTurn> LoseAllWanting(ErrorReason reason) =>
        IsPublishing ? Published.LoseAllWanting(reason) : Motion.LoseAllWanting(reason);

    private void AdvanceLogged()
    {
        Motion.CompleteWhole();
        do
        {
            _schedule.Advance();
            if (_endings.GiveUpMotion())
            {
                // What waited for it waits no more.
                _schedule.Advance();
            }
        }
        while (_endings.EndHeard());
    }

    private TimeSpan? PauseDue() => Turns.Playing is { Clock.IsPaused: true } turn && turn.Signals.Awaited != AwaitedSignal.Resume
        ? _context.Limits.PauseLimit - _context.Since(turn.Times.Paused)
        : null;

    private void ResumePaused()
    {
        if (IsPublishing)
        {
            Published.Resume();
        }
        else if (Turns.Playing is { Clock.IsPaused: true } turn)
        {
            turn.Clock.Resume();
            _context.Writer.ChangePlayback(turn, paused: false);
        }
    }
}
