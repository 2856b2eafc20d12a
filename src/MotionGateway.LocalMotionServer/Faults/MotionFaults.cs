using System.Globalization;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>What can be wrong with a turn's motion itself.</summary>
internal static class MotionFaults
{
    public static IEnumerable<FaultBehaviour> Behaviours =>
    [
        Of("slow-motion", "Each motion message of the turn comes later, by the server's FaultDelay.", FaultOutcome.Completed(), DelayAsync),
        Of("unknown-field", "Each motion message of the turn has a field that the protocol does not have.", FaultOutcome.Completed(), (turn, motion, _, cancellationToken) =>
            turn.SendRawAsync(motion.Animation.Keyframes.Count, FaultMessages.WithUnknownField(FaultMessages.Envelope(motion)), cancellationToken)),
        Of("empty-end", "The end mark comes with a motion message of its own that has no keyframes.", FaultOutcome.Completed(), EndApartAsync),
        Of("twice-ended", "The message with the end mark comes twice.", FaultOutcome.Completed(), (turn, motion, _, cancellationToken) =>
            RepeatIfAsync(motion.End, turn, motion, cancellationToken)),
        Of("duplicate-motion", "The turn's first motion message comes twice.", FaultOutcome.Undetectable(), (turn, motion, index, cancellationToken) =>
            RepeatIfAsync(index == 0, turn, motion, cancellationToken)),
        Of("reordered-motion", "The turn's first two pieces of motion come in the wrong order.", FaultOutcome.Undetectable(), SwapFirstTwoAsync),
        Of("missing-motion", "The turn's first motion message does not come.", Misleading, (turn, motion, index, cancellationToken) =>
            index == 0 ? ValueTask.CompletedTask : turn.SendAsync(motion, cancellationToken)),
        Of("truncated-motion", "The turn's first motion message is cut before its end.", Misleading, (turn, motion, index, cancellationToken) => index == 0
            ? turn.SendRawAsync(0, FaultMessages.Truncated(FaultMessages.Envelope(motion)), cancellationToken)
            : turn.SendAsync(motion, cancellationToken)),
        Of("no-end", "The turn's last motion message has no end mark.", FaultOutcome.AudioOnly(), (turn, motion, _, cancellationToken) =>
            SendMarkedAsync(turn, motion, end: false, cancellationToken)),
        Of("early-end", "The end mark comes with the turn's first motion message, and nothing after it.", FaultOutcome.AudioOnly(), (turn, motion, index, cancellationToken) =>
            index == 0 ? SendMarkedAsync(turn, motion, end: true, cancellationToken) : ValueTask.CompletedTask),
        Of("no-motion", "The turn has one motion message, with the end mark and without keyframes.", FaultOutcome.AudioOnly(), SendEmptyEndAsync),
        Of("no-answer", "The turn has no motion and no end.", FaultOutcome.AudioOnly(), (_, _, _, _) => ValueTask.CompletedTask),
        FaultBehaviour.Of("fewer-keyframes", "count", ["1", "2", "4"], "The turn's last motion message lacks its last keyframes, {0} of them. Not with egress.", FaultPoint.Motion,
            Fewer, count => FaultPlan.Shapes((turn, motion, _, cancellationToken) => SendWithAsync(turn, motion, -Number(count), cancellationToken))),
        FaultBehaviour.Of("more-keyframes", "count", ["1", "4"], "The turn's last motion message has more keyframes than the speech is long, by {0}. Not with egress.", FaultPoint.Motion,
            _ => FaultOutcome.Undetectable(), count => FaultPlan.Shapes((turn, motion, _, cancellationToken) => SendWithAsync(turn, motion, Number(count), cancellationToken))),
    ];

    private static FaultBehaviour Of(string name, string text, FaultOutcome outcome, MotionShape shape) =>
        FaultBehaviour.Of(name, $"{text} Not with egress.", FaultPoint.Motion, outcome, FaultPlan.Shapes(shape));

    // What came behind it was shown in its place before the count told.
    private static FaultOutcome Misleading => FaultOutcome.AudioOnly() with { Session = SessionOutcome.AudioOnly };

    // How many keyframes speech has is known from one recording only, so a session takes two less for whole.
    private static FaultOutcome Fewer(string count) =>
        Number(count) <= 2 ? FaultOutcome.AudioOnly() with { Session = SessionOutcome.Completed } : FaultOutcome.AudioOnly();

    private static int Number(string count) => int.Parse(count, CultureInfo.InvariantCulture);

    private static ValueTask SendWithAsync(TurnFault turn, ServerResponseAnimation motion, int more, CancellationToken cancellationToken)
    {
        if (motion.End)
        {
            IEnumerable<Flame> keyframes = motion.Animation.Keyframes.SkipLast(Math.Max(0, -more))
                .Concat(Enumerable.Repeat(motion.Animation.Keyframes[^1], Math.Max(0, more)));
            motion.Animation = new FlameAnimation { Keyframes = { keyframes } };
        }

        return turn.SendAsync(motion, cancellationToken);
    }

    private static async ValueTask DelayAsync(TurnFault turn, ServerResponseAnimation motion, int index, CancellationToken cancellationToken)
    {
        await Task.Delay(turn.Options.FaultDelay, turn.Options.TimeProvider, cancellationToken);
        await turn.SendAsync(motion, cancellationToken);
    }

    private static async ValueTask EndApartAsync(TurnFault turn, ServerResponseAnimation motion, int index, CancellationToken cancellationToken)
    {
        bool end = motion.End;
        await SendMarkedAsync(turn, motion, end: false, cancellationToken);
        if (end)
        {
            ServerResponseAnimation apart = motion.Clone();
            apart.Animation = new FlameAnimation();
            await SendMarkedAsync(turn, apart, end: true, cancellationToken);
        }
    }

    private static async ValueTask RepeatIfAsync(bool twice, TurnFault turn, ServerResponseAnimation motion, CancellationToken cancellationToken)
    {
        if (twice)
        {
            await turn.SendAsync(motion.Clone(), cancellationToken);
        }

        await turn.SendAsync(motion, cancellationToken);
    }

    private static async ValueTask SwapFirstTwoAsync(TurnFault turn, ServerResponseAnimation motion, int index, CancellationToken cancellationToken)
    {
        if (index == 0 && !motion.End)
        {
            turn.Held = motion;
            return;
        }

        if (turn.Held is { } first)
        {
            turn.Held = null;
            // The marks stay where they are, so that the end comes last.
            (first.Animation, motion.Animation) = (motion.Animation, first.Animation);
            await turn.SendAsync(first, cancellationToken);
        }

        await turn.SendAsync(motion, cancellationToken);
    }

    private static async ValueTask SendEmptyEndAsync(TurnFault turn, ServerResponseAnimation motion, int index, CancellationToken cancellationToken)
    {
        if (motion.End)
        {
            motion.Animation = new FlameAnimation();
            await turn.SendAsync(motion, cancellationToken);
        }
    }

    private static ValueTask SendMarkedAsync(TurnFault turn, ServerResponseAnimation motion, bool end, CancellationToken cancellationToken)
    {
        motion.End = end;
        return turn.SendAsync(motion, cancellationToken);
    }
}
