namespace MotionGateway.Sessions;

/// <summary>What is sent of the turn that is published: from what was heard on, no further ahead of that than the lead.</summary>
internal sealed class PublishingDemand(CoreContext context)
{
    // What is kept behind what was heard: the Motion Server may tell that less was.
    private static readonly TimeSpan KeptBehind = TimeSpan.FromSeconds(2);

    /// <summary>Whether the turn has speech to publish, and no request.</summary>
    public bool NeedsLeg => Front is { Motion.Current: null } turn && IsWanting(turn);

    public bool HasSomethingToSend => Front is { } turn && (turn.Motion.Current is { } current ? HasMore(turn, current) : IsWanting(turn));

    private SpeechTurn? Front => context.Turns.Active is [{ IsPublished: true } turn, ..] ? turn : null;

    private SessionSettings Settings => context.Settings;

    /// <inheritdoc cref="ILegDemand.NextToSend"/>
    public MotionRequest? NextToSend(MotionLeg leg, bool mayAsk)
    {
        if (Front is not { } turn)
        {
            return null;
        }

        if (mayAsk && turn.Motion.Current is null && IsWanting(turn))
        {
            long from = ResumeAt(turn);
            turn.Motion.Current = new MotionRequest(turn, leg, from / Settings.SamplesPerKeyframe, from);
        }

        return turn.Motion.Current is { } current && current.Leg == leg && HasMore(turn, current) ? current : null;
    }

    /// <summary>The sample up to which speech may be sent now.</summary>
    public long MaySendThrough(SpeechTurn turn) => Math.Min(turn.Samples, turn.Clock.Heard + Settings.ToSamples(Settings.MaxLead));

    /// <summary>Whether half of the leg's token's time has passed, and a turn is to begin: its publisher could not stay through long ones.</summary>
    public bool IsStale(MotionLeg leg) =>
        leg.HasEgress && NeedsLeg && context.Since(leg.OpenedAt) >= Settings.Egress!.Lifetime / 2;

    /// <summary>Lets go of speech that nobody needs any more.</summary>
    public void Trim(SpeechTurn turn) =>
        turn.Speech.Kept.TrimBefore(Math.Min(turn.Sent, turn.Clock.Heard - Settings.ToSamples(KeptBehind)));

    /// <summary>When more may be sent, if nothing else happens; null: never.</summary>
    public TimeSpan? NextDue(SpeechTurn turn)
    {
        if (turn.Motion.Current is not { } current || current.SentThrough >= turn.Samples || HasMore(turn, current))
        {
            return null;
        }

        return turn.Clock.TimeUntil(current.SentThrough + Piece(turn, current.SentThrough) - Settings.ToSamples(Settings.MaxLead));
    }

    private static long ResumeAt(SpeechTurn turn) => Math.Max(turn.Clock.Heard, turn.Speech.Kept.FirstKept);

    private static bool IsWanting(SpeechTurn turn) => !turn.Clock.IsPaused && ResumeAt(turn) < turn.Samples;

    private bool HasMore(SpeechTurn turn, MotionRequest request) => request.SentThrough >= turn.Samples
        ? turn.IsComplete && !request.IsEndSent
        : MaySendThrough(turn) - request.SentThrough >= Piece(turn, request.SentThrough);

    // Not sample by sample, where the lead is used up.
    private long Piece(SpeechTurn turn, long from) =>
        Math.Min(turn.Samples - from, Math.Max(1, Settings.ToSamples(Settings.MaxLead < 2 * Settings.MaxUpstream ? Settings.MaxLead / 2 : Settings.MaxUpstream)));
}
