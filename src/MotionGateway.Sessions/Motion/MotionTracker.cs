using MotionGateway.MotionServer;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>
/// How the motion of each turn comes about: whether what has come is all of it and in its place, and what becomes of what is missing.
/// </summary>
internal sealed class MotionTracker(CoreContext context, MotionPace pace)
{
    private readonly MotionPlacement _placement = new(context, pace);

    private int SamplesPerKeyframe => context.Settings.SamplesPerKeyframe;

    /// <summary>What is to be asked for.</summary>
    public MotionDemand Demand { get; } = new(context);

    /// <summary>Motion came.</summary>
    public void Receive(MotionRequest request, MotionMessage message)
    {
        var turn = request.Turn;
        var motion = turn.Motion;
        if (request.IsFenced || turn.IsOver || motion.Progress != MotionProgress.Pending)
        {
            return;
        }

        if (motion.Cut is not null && request != motion.Cut)
        {
            if (!motion.Ahead.TryAdd(request, message, _placement.MostKeyframes(request)))
            {
                BeginRecovery(turn, ErrorReason.MotionServerProtocolError);
            }

            return;
        }

        request.IsOver |= message.End;
        if (!_placement.TryTake(request, message))
        {
            BeginRecovery(turn, ErrorReason.MotionServerProtocolError);
        }
        else if (request == motion.Cut)
        {
            SettleCutAtEnd(turn, request, message.End);
        }
        else if (message.End)
        {
            Settle(turn, request);
        }
        else if (_placement.IsBeyond(request))
        {
            Prove(turn, request);
        }
    }

    /// <summary>A request will give no more, and is not complete.</summary>
    public void Fail(MotionRequest request, ErrorReason reason, bool isForGood)
    {
        var turn = request.Turn;
        if (request.IsFenced || turn.IsOver || turn.Motion.Progress != MotionProgress.Pending)
        {
            return;
        }

        Miss(turn, reason, isForGood);
    }

    /// <summary>A leg is gone, with all that was under way on it.</summary>
    /// <param name="leg">The leg.</param>
    /// <param name="reason">Why.</param>
    /// <param name="isForGood">Another one would not help: what is missing is lost, also what would have been asked for on this one.</param>
    /// <returns>The turns whose motion is missing now.</returns>
    public List<SpeechTurn> LoseLeg(MotionLeg leg, ErrorReason reason, bool isForGood = false)
    {
        var missing = new List<SpeechTurn>();
        foreach (var turn in context.Turns.Active)
        {
            if (turn.Motion.Progress == MotionProgress.Pending
                && (turn.Motion.Current?.Leg == leg || turn.Motion.Cut?.Leg == leg || (isForGood && turn.Motion is { Current: null, LostAt: not null })))
            {
                Miss(turn, reason, isForGood);
                if (turn.Motion.LostAt is not null || turn.Motion.Progress == MotionProgress.Lost)
                {
                    missing.Add(turn);
                }
            }
        }

        return missing;
    }

    /// <summary>No connection can be had: what needs one goes on as audio only.</summary>
    /// <returns>The turns that have lost their motion.</returns>
    public List<SpeechTurn> LoseAllWanting(ErrorReason reason)
    {
        var lost = context.Turns.Active.Where(turn => turn.Motion.Current is null && Demand.IsWanting(turn)).ToList();
        lost.ForEach(turn => Lose(turn, reason));
        return lost;
    }

    /// <summary>No more motion is taken for a turn.</summary>
    public static void Lose(SpeechTurn turn, ErrorReason reason)
    {
        if (turn.Motion.Progress == MotionProgress.Pending)
        {
            turn.Motion.Progress = MotionProgress.Lost;
            turn.Motion.Error = reason;
            Fence(turn);
        }
    }

    /// <summary>A turn is over: what its requests still have under way is not wanted.</summary>
    public static void Abandon(SpeechTurn turn)
    {
        Fence(turn);
        turn.Motion.Staged.Clear();
        turn.Motion.ForgetHashes();
        turn.Speech.Clear();
    }

    /// <summary>Turns that ended when all their motion was there, and nothing is asked for, are complete: no answer will say so.</summary>
    public void CompleteWhole()
    {
        foreach (var turn in context.Turns.Active)
        {
            if (turn.Motion is { Progress: MotionProgress.Pending, Current: null } motion
                && motion.AskFrom == motion.Keyframes && IsAllThere(turn))
            {
                Complete(turn);
            }
        }
    }

    // The Motion Server says that the request is over.
    private void Settle(SpeechTurn turn, MotionRequest request)
    {
        long expected = turn.IsComplete ? context.Settings.KeyframesDue(turn.Samples) : request.SentThrough / SamplesPerKeyframe;
        if (IsMiscounted(request, expected))
        {
            Prove(turn, request);
        }
        else if (turn.IsComplete)
        {
            Complete(turn);
        }
        else
        {
            // It is over before its speech: what follows is another request.
            BeginRecovery(turn, ErrorReason.MotionIncomplete);
        }
    }

    private static void Complete(SpeechTurn turn)
    {
        turn.Motion.Progress = MotionProgress.Complete;
        turn.Motion.Error = turn.Motion.IsUnproven ? ErrorReason.MotionIncomplete : ErrorReason.Unspecified;
        turn.Motion.LostAt = null;
        Fence(turn);
    }

    private bool IsMiscounted(MotionRequest request, long expected)
    {
        long came = request.FirstKeyframe + request.KeyframesSeen;
        return Math.Abs(came - expected) > context.Limits.KeyframeTolerance || (request.MayRepeat && came > expected);
    }

    // All of a cut request is there: what came of the next one meanwhile follows.
    private void SettleCutAtEnd(SpeechTurn turn, MotionRequest request, bool isEnd)
    {
        var motion = turn.Motion;
        if (!isEnd)
        {
            return;
        }

        if (motion.Keyframes < request.EndKeyframe || IsMiscounted(request, request.EndKeyframe))
        {
            Prove(turn, request);
            return;
        }

        motion.Cut = null;
        while (motion.Ahead.TryTake(out var ahead))
        {
            Receive(ahead.Request, ahead.Message);
        }
    }

    // The count is wrong, so that what is there may not be in its place. Where its speech is still kept it is asked for again from
    // the request's beginning, and compared; else it cannot be proved.
    private void Prove(SpeechTurn turn, MotionRequest request)
    {
        Doubt(turn, request);
        BeginRecovery(turn, ErrorReason.MotionIncomplete);
    }

    private static void Doubt(SpeechTurn turn, MotionRequest request)
    {
        var motion = turn.Motion;
        bool isProvable = request.FirstSample >= turn.Speech.Kept.FirstKept && motion.Hashes.Count == motion.Keyframes;
        motion.IsUnproven |= !isProvable && motion.Keyframes > 0;
        motion.Proof = isProvable && request.FirstKeyframe < motion.Keyframes ? (request.FirstKeyframe, motion.Keyframes) : null;
    }

    private bool IsAllThere(SpeechTurn turn) =>
        turn.IsComplete && turn.Motion.Keyframes >= context.Settings.KeyframesDue(turn.Samples);

    // What a request still had to give does not come.
    private void Miss(SpeechTurn turn, ErrorReason reason, bool isForGood)
    {
        // No end will tell by the count.
        if (turn.Motion is { Proof: null } motion && (motion.Cut ?? motion.Current) is { IsInDoubt: true } request)
        {
            Doubt(turn, request);
        }

        if (isForGood && !IsAllThere(turn))
        {
            Lose(turn, reason);
        }
        else
        {
            BeginRecovery(turn, reason);
        }
    }

    // Motion is asked for again, by another request.
    private void BeginRecovery(SpeechTurn turn, ErrorReason reason)
    {
        var motion = turn.Motion;
        if (motion.Proof is { } proof && (proof.From * SamplesPerKeyframe < turn.Speech.Kept.FirstKept || motion.Hashes.Count < motion.Keyframes))
        {
            // It has grown too long to be proved.
            motion.IsUnproven = true;
            motion.Proof = null;
        }

        long askFrom = motion.Proof?.From ?? motion.Keyframes;
        if (askFrom == motion.Keyframes && IsAllThere(turn))
        {
            Complete(turn);
            return;
        }

        Fence(turn);
        motion.AskFrom = askFrom;
        motion.IsSpliced |= motion.Keyframes > 0;
        if (motion.Keyframes == 0)
        {
            (motion.RequestId, motion.ConnectionId) = ("", "");
        }

        if (!turn.IsComplete && motion.Keyframes >= turn.Sent / SamplesPerKeyframe && askFrom == motion.Keyframes)
        {
            // Nothing is missing yet.
            return;
        }

        if (reason == ErrorReason.MotionServerIdleTimeout && !turn.IsComplete)
        {
            // The speaker is silent within the turn, and the service waits for more: until there is more it would be idle again.
            motion.AskBeyond = turn.Samples;
            return;
        }

        motion.LostAt ??= context.Now;
        motion.Error = reason;
        if (motion.Recoveries == context.Limits.MaxRecoveries)
        {
            Lose(turn, reason);
            return;
        }

        motion.Recoveries++;
    }

    private static void Fence(SpeechTurn turn)
    {
        foreach (var request in new[] { turn.Motion.Current, turn.Motion.Cut })
        {
            if (request is { IsFenced: false })
            {
                request.IsFenced = true;
                request.Leg.Abandon(request);
            }

            request?.Opus?.Dispose();
        }

        turn.Motion.Current = turn.Motion.Cut = null;
        turn.Motion.Ahead.Clear();
    }
}
