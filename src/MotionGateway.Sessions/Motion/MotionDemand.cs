namespace MotionGateway.Sessions;

/// <summary>What the Motion Server is to be asked for: which turn's speech goes next, on which request, and what must be kept for that.</summary>
internal sealed class MotionDemand(CoreContext context) : ILegDemand
{
    // What is kept to prove motion by asking again.
    private const long MaxProvableBytes = 1024 * 1024;

    private int SamplesPerKeyframe => context.Settings.SamplesPerKeyframe;

    public bool NeedsLeg
    {
        get
        {
            foreach (var turn in context.Turns.Active)
            {
                if (turn.Motion.Current is null && IsWanting(turn))
                {
                    return true;
                }
            }

            return false;
        }
    }

    public bool HasSomethingToSend
    {
        get
        {
            // Asked at each command.
            foreach (var turn in context.Turns.Active)
            {
                if (turn.Motion.Current is { } current ? turn.Motion.Progress == MotionProgress.Pending && HasMore(turn, current) : IsWanting(turn))
                {
                    return true;
                }
            }

            return false;
        }
    }

    public MotionRequest? NextToSend(MotionLeg leg, bool mayAsk = true)
    {
        foreach (var turn in context.Turns.Active)
        {
            var motion = turn.Motion;
            if (mayAsk && motion.Current is null && IsWanting(turn))
            {
                motion.Current = new MotionRequest(turn, leg, motion.AskFrom, motion.AskFrom * SamplesPerKeyframe);
            }

            if (motion is { Progress: MotionProgress.Pending, Current: { } current } && HasMore(turn, current))
            {
                return current.Leg == leg ? current : Cut(turn, current, leg);
            }
        }

        return null;
    }

    public long MaySendThrough(MotionRequest request) => request.Turn.Samples;

    // What was published comes to nobody over the log.
    public bool IsStale(MotionLeg leg) => leg.HasEgress;

    /// <summary>Lets go of speech that nobody needs any more.</summary>
    public void Trim(SpeechTurn turn)
    {
        long needed = turn.Released;
        var motion = turn.Motion;
        if (motion.Progress == MotionProgress.Pending)
        {
            var oldest = motion.Cut ?? motion.Current;
            long unsettled = (motion.Current is null ? motion.AskFrom : motion.Keyframes) * SamplesPerKeyframe;
            needed = Math.Min(needed, Math.Min(unsettled, motion.Current?.SentThrough ?? unsettled));
            needed -= (oldest?.LatestKeyframes.Count ?? 0) * SamplesPerKeyframe;
            bool isProvable = (turn.Samples - (oldest?.FirstSample ?? 0)) * sizeof(short) <= MaxProvableBytes;
            if (isProvable)
            {
                needed = Math.Min(needed, oldest?.FirstSample ?? 0);
            }
            else
            {
                motion.ForgetHashes();
            }
        }
        else
        {
            turn.Speech.StopPassing();
        }

        turn.Speech.Kept.TrimBefore(needed);
    }

    /// <summary>Whether a turn without a request needs one.</summary>
    public bool IsWanting(SpeechTurn turn)
    {
        if (turn.IsOver || turn.Motion.Progress != MotionProgress.Pending || turn.Samples == 0)
        {
            return false;
        }

        if (!turn.IsComplete && turn.Samples <= turn.Motion.AskBeyond)
        {
            return false;
        }

        bool isFirst = turn.Motion.AskFrom == 0 && turn.Motion.LostAt is null;
        return isFirst || turn.IsComplete || turn.Samples >= (turn.Motion.AskFrom + 1) * SamplesPerKeyframe;
    }

    private static bool HasMore(SpeechTurn turn, MotionRequest request) =>
        request.SentThrough < turn.Samples || (turn.IsComplete && !request.IsEndSent);

    // The leg is being replaced: the old request gives what was sent, to the keyframe, and the new one goes on from there.
    private MotionRequest Cut(SpeechTurn turn, MotionRequest old, MotionLeg leg)
    {
        var motion = turn.Motion;
        bool isAllSent = turn.IsComplete && old.SentThrough == turn.Samples;
        if (old.IsEndSent || motion.Cut is not null || isAllSent)
        {
            return old;
        }

        long at = old.SentThrough / SamplesPerKeyframe;
        if (at <= old.FirstKeyframe)
        {
            // Not one keyframe has been sent: the new request begins where the old one did.
            old.IsFenced = true;
            old.Leg.Abandon(old);
            at = old.FirstKeyframe;
        }
        else
        {
            (old.EndKeyframe, old.IsEndSent) = (at, true);
            old.Leg.End(old);
            motion.Cut = old;
        }

        motion.IsSpliced |= motion.RequestId.Length > 0 || motion.Cut is not null;
        motion.AskFrom = at;
        return motion.Current = new MotionRequest(turn, leg, at, at * SamplesPerKeyframe);
    }
}
