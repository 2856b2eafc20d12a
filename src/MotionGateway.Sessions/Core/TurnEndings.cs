using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>What ends when: turns that have been heard, that are interrupted, that nobody ends, whose motion does not come back.</summary>
internal sealed class TurnEndings(
    CoreContext context, SpeechIntake intake, Action<SpeechTurn, SequenceSpan?> ended)
{
    private readonly ReportedLag _lag = new(context);
    private long _allInterruptedAt;

    /// <summary>Ends open turns that have had no audio for too long.</summary>
    public void EndAbandoned()
    {
        foreach (var turn in context.Turns.Active)
        {
            if (turn.IsOpen && context.Since(turn.Times.Received) >= context.Limits.OpenTurnTimeout)
            {
                intake.Abandon(turn, ErrorReason.TurnAbandoned);
            }
        }
    }

    /// <summary>Gives up motion that is asked for again and does not come within what playback leaves.</summary>
    /// <returns>Whether it did of any turn.</returns>
    public bool GiveUpMotion()
    {
        bool hasGivenUp = false;
        foreach (var turn in context.Turns.Active)
        {
            if (GiveUpDue(turn) <= TimeSpan.Zero)
            {
                var reason = turn.Motion.Error;
                MotionTracker.Lose(turn, reason == ErrorReason.Unspecified ? ErrorReason.MotionTimeout : reason);
                hasGivenUp = true;
            }
        }

        return hasGivenUp;
    }

    /// <summary>A viewer says where its playback of a turn is: one that is behind moves the turn's end, within bounds.</summary>
    public void ReportPlayback(string turnId, long playedSamples)
    {
        if (context.Turns.Playing is { IsPublished: false } turn && turn.Id == turnId)
        {
            _lag.Report(turn, playedSamples);
        }
    }

    /// <summary>Ends the turn that plays when it has been heard.</summary>
    /// <returns>Whether it did: the next may begin.</returns>
    public bool EndHeard()
    {
        if (context.Turns.Playing is not { State: TurnState.Sealed, IsPublished: false } turn
            || !(turn.Clock.TimeUntil(turn.Samples + turn.ViewerLag) <= TimeSpan.Zero))
        {
            return false;
        }

        _lag.Heard(turn);
        if (turn.Failure != ErrorReason.Unspecified)
        {
            End(turn, TurnOutcome.Failed, turn.Failure, "");
        }
        else
        {
            bool isWhole = turn.Motion.Error == ErrorReason.Unspecified || turn.Samples == 0;
            End(turn, isWhole ? TurnOutcome.Completed : TurnOutcome.AudioOnly, turn.Motion.Error, "");
        }

        return true;
    }

    /// <summary>When a turn ends, or gives something up, if nothing else happens; null: never.</summary>
    public TimeSpan? NextDue()
    {
        TimeSpan? due = context.Turns.Playing is { State: TurnState.Sealed, IsPublished: false } playing
            ? playing.Clock.TimeUntil(playing.Samples + playing.ViewerLag)
            : null;
        foreach (var turn in context.Turns.Active)
        {
            var open = turn.IsOpen ? context.Limits.OpenTurnTimeout - context.Since(turn.Times.Received) : (TimeSpan?)null;
            due = Earlier(due, Earlier(open, GiveUpDue(turn)));
        }

        return due;
    }

    /// <summary>Ends speech now.</summary>
    /// <param name="turnId">The turn; empty: by scope.</param>
    /// <param name="scope">What is ended.</param>
    /// <param name="reason">For viewers.</param>
    /// <param name="seen">Up to where the sender had seen the log; null: it is done in any event.</param>
    /// <param name="isSpeakers">It came on the speaker's own call: what follows on it is new speech.</param>
    public InterruptResult Interrupt(string turnId, InterruptScope scope, string reason, LogPosition? seen, bool isSpeakers)
    {
        if (isSpeakers)
        {
            intake.StopDiscarding(turnId);
        }

        var meant = FindMeant(turnId, scope);
        bool isAll = turnId.Length == 0 && scope != InterruptScope.Turn;
        if (meant.Count == 0 || (turnId.Length == 0 && seen?.Sequence < _allInterruptedAt))
        {
            var over = turnId.Length == 0 ? null : context.Turns.Find(turnId);
            return new InterruptResult(over?.Id ?? "", AlreadyEnded: true, null, over?.PlayedSamples ?? 0, []);
        }

        SequenceSpan? discarded = null;
        foreach (var turn in meant)
        {
            if (!isSpeakers && turn is { IsNamed: false, IsOpen: true })
            {
                intake.DiscardRestOf(turn);
            }

            var span = End(turn, TurnOutcome.Interrupted, ErrorReason.Unspecified, reason);
            discarded = discarded is { } before && span is { } more ? before with { Through = more.Through } : discarded ?? span;
        }

        _allInterruptedAt = isAll ? context.Writer.LastSequence : _allInterruptedAt;
        return new InterruptResult(
            meant[0].Id, AlreadyEnded: false, discarded, meant[0].PlayedSamples, [.. meant.Skip(1).Select(turn => turn.Id)]);
    }

    /// <summary>Ends a turn of which nothing was taken.</summary>
    public void FailAtOnce(SpeechTurn turn) => End(turn, TurnOutcome.Failed, turn.Failure, "");

    /// <summary>Ends every turn.</summary>
    public void EndAll(TurnOutcome outcome, ErrorReason error, string reason)
    {
        while (context.Turns.Active.Count > 0)
        {
            End(context.Turns.Active[0], outcome, error, reason);
        }
    }

    private static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other ?? one : one;

    private List<SpeechTurn> FindMeant(string turnId, InterruptScope scope)
    {
        var active = context.Turns.Active;
        if (turnId.Length == 0 && scope != InterruptScope.Turn)
        {
            return [.. active];
        }

        var meant = active.FirstOrDefault(turn => turnId.Length == 0 || turn.Id == turnId);
        if (meant is null)
        {
            if (turnId.Length > 0 && context.Turns.Find(turnId) is null)
            {
                intake.Void(turnId);
            }

            return [];
        }

        // A viewer's player throws away all that it has: what was released after the turn goes with it.
        var further = meant.State == TurnState.Waiting
            ? []
            : active.Where(turn => turn.Ordinal > meant.Ordinal && turn.State != TurnState.Waiting);
        return [meant, .. further];
    }

    // Motion that is under way is the Server SDK's to time; what must be asked for, again or at all, has until the turn is heard.
    private TimeSpan? GiveUpDue(SpeechTurn turn) =>
        turn is { IsComplete: true, IsPublished: false, Motion: { Progress: MotionProgress.Pending } motion } && turn.Released == turn.Samples
            && (motion.Recoveries > 0 || motion.Current is null)
            ? turn.Clock.TimeUntil(turn.Samples) + context.Limits.RecoveryGrace
            : null;

    /// <summary>Ends a turn.</summary>
    /// <returns>With an interrupt: the sequences that it discards; null when none are.</returns>
    public SequenceSpan? End(SpeechTurn turn, TurnOutcome outcome, ErrorReason error, string reason)
    {
        if (turn.IsOver)
        {
            // What is refused, and turns out to be no speech as well, would end twice.
            return null;
        }

        if (turn.State == TurnState.Waiting)
        {
            context.Writer.Start(turn);
        }

        turn.PlayedSamples = turn.Clock.Heard;
        turn.State = TurnState.Ended;
        turn.Outcome = outcome;
        turn.Failure = error;
        turn.Times.Ended = context.Now;
        turn.DiscardedBytes = Math.Max(turn.DiscardedBytes, turn.ReceivedBytes - turn.Speech.BytesAt(turn.Released));
        context.Turns.Retire(turn);
        var discarded = context.Writer.End(turn, error, reason);
        turn.Unheard.Clear();
        MotionTracker.Abandon(turn);
        intake.Complete(turn);
        ended(turn, discarded);
        return discarded;
    }
}
