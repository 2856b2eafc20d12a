using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>
/// What is released when: turns in their order, audio as far as the lead allows, motion right behind the audio at its first
/// keyframe, and the waits of audio for motion.
/// </summary>
internal sealed class ReleaseSchedule(CoreContext context, MotionPace pace, MotionTracker tracker)
{
    private SessionSettings Settings => context.Settings;

    /// <summary>Releases all that may be released now.</summary>
    public void Advance()
    {
        foreach (var turn in context.Turns.Active)
        {
            if (turn.State == TurnState.Waiting)
            {
                if (!MayStart(turn))
                {
                    return;
                }

                Start(turn);
            }

            Release(turn);
            if (turn.State != TurnState.Sealed || Settings.TurnRelease != TurnRelease.AtOnce)
            {
                return;
            }
        }
    }

    /// <summary>When something can be released, if nothing else happens; null: never.</summary>
    public TimeSpan? NextDue()
    {
        var turn = context.Turns.Active.Find(static candidate => candidate.State != TurnState.Sealed);
        if (turn is null || (turn != context.Turns.Active[0] && Settings.TurnRelease != TurnRelease.AtOnce))
        {
            return null;
        }

        if (turn.Wait.Since is not null)
        {
            return WaitLeft(turn);
        }

        if (turn.Released == turn.Samples || NextPiece(turn) == 0)
        {
            return null;
        }

        // What is not held by the lead waits for motion, from when all has been heard.
        long fits = FitsFrom(turn, NextPiece(turn));
        return fits > Heard ? LeadDue(fits) : turn.Clock.TimeUntil(turn.Released);
    }

    private bool MayStart(SpeechTurn turn)
    {
        if (turn.Samples == 0)
        {
            return turn.IsComplete;
        }

        if (FitsFrom(turn, NextPiece(turn)) > Heard)
        {
            return false;
        }

        if (Settings.AudioRelease == AudioRelease.AtOnce || turn.Motion.Progress != MotionProgress.Pending)
        {
            EndWait(turn, isOver: true);
            return true;
        }

        turn.Wait.Since ??= context.Now;
        if (WaitLeft(turn) > TimeSpan.Zero)
        {
            return false;
        }

        // In its first turn a session knows nothing of the Motion Server's pace: it may wait once more.
        bool isKnown = pace.IsKnown || context.Turns.Over.Any();
        EndWait(turn, isOver: isKnown || Settings.AudioRelease != AudioRelease.Paced || IsUsedUp(turn));
        return true;
    }

    private void Start(SpeechTurn turn)
    {
        turn.State = TurnState.Started;
        context.Writer.Start(turn);
    }

    private void Release(SpeechTurn turn)
    {
        if (turn.Motion.Progress != MotionProgress.Pending)
        {
            // Nothing comes that could be waited for.
            EndWait(turn, isOver: true);
        }

        while (TryReleaseMotion(turn) || TryReleaseAudio(turn))
        {
            // One at a time, so that motion comes as early as it may.
        }

        // Where nothing precedes it, what is released begins to be heard.
        if (turn == context.Turns.Active[0] && !turn.Clock.IsRunning && (turn.Released > 0 || turn.IsAllReleased))
        {
            turn.Clock.Start();
        }

        if (turn.IsComplete && turn.Released == turn.Samples && !turn.IsLastAudioMarked)
        {
            // The end was learned when the last audio had gone.
            turn.IsLastAudioMarked = true;
            context.Writer.AppendAudio(turn, 0, isLast: true);
        }

        tracker.Demand.Trim(turn);
        if (turn.State == TurnState.Started && turn.IsAllReleased)
        {
            turn.State = TurnState.Sealed;
            turn.Times.Sealed = context.Now;
            context.Writer.Seal(turn);
        }
    }

    private bool TryReleaseMotion(SpeechTurn turn)
    {
        var motion = turn.Motion;
        if (!motion.Staged.TryPeek(out var staged) || staged.FirstKeyframe * Settings.SamplesPerKeyframe >= turn.Released)
        {
            return false;
        }

        var late = Settings.ToTime(Math.Max(0, turn.Clock.Heard - (staged.FirstKeyframe * Settings.SamplesPerKeyframe)));
        turn.Times.MotionLate = late > turn.Times.MotionLate ? late : turn.Times.MotionLate;
        context.Writer.AppendMotion(turn, staged);
        motion.Staged.LetGo();
        turn.ReleasedKeyframes += staged.Count;
        return true;
    }

    private bool TryReleaseAudio(SpeechTurn turn)
    {
        if (turn.Released >= turn.Samples)
        {
            return false;
        }

        int count = NextPiece(turn);
        if (count == 0 || FitsFrom(turn, count) > Heard)
        {
            return false;
        }

        long covered = Covered(turn) - turn.Released;
        count = covered < count ? turn.Speech.Audio.Next(turn.Released, (int)Math.Max(0, covered)) : count;
        if (count <= 0 || count > covered)
        {
            WaitForMotion(turn);
            return false;
        }

        bool isLast = turn.IsComplete && turn.Released + count == turn.Samples;
        context.Writer.AppendAudio(turn, count, isLast);
        turn.IsLastAudioMarked |= isLast;
        turn.Released += count;
        turn.Clock.Release(count);
        turn.Times.Released ??= context.Now;
        return true;
    }

    // Samples of the next audio payload; 0 when the encoder has none yet.
    private int NextPiece(SpeechTurn turn) => turn.Speech.Audio.Next(turn.Released, Settings.MaxPayloadSamples);

    // Up to where audio may go without waiting for motion.
    private long Covered(SpeechTurn turn)
    {
        if (turn.Wait.IsOver || turn.Motion.Progress != MotionProgress.Pending)
        {
            return long.MaxValue;
        }

        return turn.Wait.Since is not null && WaitLeft(turn) > TimeSpan.Zero ? turn.Released : EndOfMotion(turn);
    }

    private long EndOfMotion(SpeechTurn turn)
    {
        if (IsUsedUp(turn))
        {
            EndWait(turn, isOver: true);
            return long.MaxValue;
        }

        long end = turn.Motion.Keyframes * Settings.SamplesPerKeyframe;
        if (turn.Wait.Since is not null && end > turn.Released)
        {
            // It has waited within its speech: that was once.
            EndWait(turn, isOver: true);
            return long.MaxValue;
        }

        return end;
    }

    // A wait counts from when there is nothing left to be heard.
    private void WaitForMotion(SpeechTurn turn)
    {
        if (turn.Clock.IsDry)
        {
            turn.Wait.Since ??= context.Now;
        }
    }

    private bool IsUsedUp(SpeechTurn turn) => WaitUsed(turn) >= Settings.MaxMotionWait;

    private TimeSpan WaitUsed(SpeechTurn turn) =>
        turn.Wait.Used + (turn.Wait.Since is { } since ? context.Since(since) : TimeSpan.Zero);

    private void EndWait(SpeechTurn turn, bool isOver)
    {
        turn.Wait.Used = WaitUsed(turn);
        turn.Wait.Since = null;
        turn.Wait.IsOver = isOver;
    }

    // How long the present wait goes on, if no motion comes.
    private TimeSpan WaitLeft(SpeechTurn turn)
    {
        var budget = Settings.MaxMotionWait - WaitUsed(turn);
        bool isThere = turn.Motion.Keyframes * Settings.SamplesPerKeyframe > turn.Released;
        if (budget <= TimeSpan.Zero || turn.Motion.Progress != MotionProgress.Pending
            || (isThere && Settings.AudioRelease != AudioRelease.Paced))
        {
            return TimeSpan.Zero;
        }

        if (!isThere)
        {
            return budget;
        }

        var delay = turn.Released == 0 ? pace.StartDelay(turn) : pace.ResumeDelay(turn, turn.Released);
        var wanted = delay - context.Since(turn.Times.Created);
        return wanted < TimeSpan.Zero ? TimeSpan.Zero : wanted < budget ? wanted : budget;
    }

    // Of the turn that plays. It goes on while it is looked at: what is compared with it must not be.
    private long Heard => context.Turns.Playing?.Clock.Heard ?? 0;

    // How far the turn that plays must have been heard for a piece to be no further ahead than it may be. A piece that is longer than
    // the lead, which an Opus packet can be, may be ahead by itself: else it would never come.
    private long FitsFrom(SpeechTurn turn, int count)
    {
        long from = turn.Released + count - Math.Max(count, Settings.ToSamples(Settings.MaxLead));
        foreach (var earlier in context.Turns.Active)
        {
            if (earlier == turn)
            {
                break;
            }

            from += earlier.Released;
        }

        return from;
    }

    // Where playback runs dry before, it is what comes next or the end of the turn that plays which lets it go on.
    private TimeSpan? LeadDue(long fits) =>
        context.Turns.Playing is { } playing && fits <= playing.Clock.Released ? playing.Clock.TimeUntil(fits) : null;
}
