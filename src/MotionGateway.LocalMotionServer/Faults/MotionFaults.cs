using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>What can be wrong with a turn's motion itself.</summary>
internal static class MotionFaults
{
    public static IReadOnlyList<FaultFamily> Families { get; } =
    [
        new("fault-{motion}", "A turn's motion is late, incomplete, too much or wrongly marked.",
        [
            Of("slow-motion", "Each motion message of the turn comes later by the server's FaultDelay.", FaultOutcome.Recovered(), DelayAsync),
            Of("unknown-field", "Each motion message of the turn has a field that the protocol does not have.", FaultOutcome.Recovered(),
                (turn, motion, _, cancellationToken) => turn.SendRawAsync(motion.Animation.Keyframes.Count, FaultMessages.WithUnknownField(Envelope(motion)), cancellationToken)),
            Of("empty-end", "The end mark comes with a motion message of its own that has no keyframes.", FaultOutcome.Recovered(), EndApartAsync),
            Of("duplicate-motion", "The turn's first motion message comes twice.", FaultOutcome.Undetectable(), RepeatFirstAsync),
            Of("reordered-motion", "The turn's first two pieces of motion come in the wrong order.", FaultOutcome.Undetectable(), SwapFirstTwoAsync),
            Of("missing-motion", "The turn's first motion message does not come.", FaultOutcome.AudioOnly(),
                (turn, motion, index, cancellationToken) => index == 0 ? ValueTask.CompletedTask : turn.SendAsync(motion, cancellationToken)),
            Of("truncated-motion", "The turn's first motion message is cut before its end.", FaultOutcome.AudioOnly(),
                (turn, motion, index, cancellationToken) => index == 0
                    ? turn.SendRawAsync(0, FaultMessages.Truncated(Envelope(motion)), cancellationToken)
                    : turn.SendAsync(motion, cancellationToken)),
            Of("no-end", "The turn's last motion message has no end mark.", FaultOutcome.AudioOnly(),
                (turn, motion, _, cancellationToken) => SendMarkedAsync(turn, motion, end: false, cancellationToken)),
            Of("early-end", "The end mark comes with the turn's first motion message instead of the last.", FaultOutcome.AudioOnly(),
                (turn, motion, index, cancellationToken) => SendMarkedAsync(turn, motion, end: index == 0, cancellationToken)),
            Of("no-motion", "The turn has one motion message, with the end mark and without keyframes.", FaultOutcome.AudioOnly(), SendEmptyEndAsync),
            Of("no-answer", "The turn has no motion and no end.", FaultOutcome.AudioOnly(), (_, _, _, _) => ValueTask.CompletedTask),
        ]),
    ];

    private static Fault Of(string name, string description, FaultOutcome outcome, MotionShape shape) => Fault.Turn(name, description, outcome, TurnPlan.Shaped(shape));

    private static Message Envelope(ServerResponseAnimation motion) => new() { Type = MessageType.MessageServerResponseAnimation, ServerResponseAnimation = motion };

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

    private static async ValueTask RepeatFirstAsync(TurnFault turn, ServerResponseAnimation motion, int index, CancellationToken cancellationToken)
    {
        if (index == 0)
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
