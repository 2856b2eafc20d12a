using MotionGateway.Chaos.Tests.Speaking;
using MotionGateway.V1;

namespace MotionGateway.Chaos.Tests.Checking;

/// <summary>What a speaker must have been told by the end: each byte answered for, each turn reported once, and nothing that is not so.</summary>
internal sealed class SpeakerCheck(Promises promises, string who, ChaosSpeaker speaker, SessionScript script, SessionCheck log)
{
    public void Run()
    {
        foreach (var turn in script.Turns)
        {
            var ended = log.Ends.GetValueOrDefault(turn.Id);
            if (script.EndsSettled)
            {
                Require(
                    turn.IsSentAgain ? turn.AcknowledgedBytes >= turn.Sent : turn.AcknowledgedBytes == turn.Sent, turn,
                    () => $"{turn.AcknowledgedBytes} bytes acknowledged of {turn.Sent}");
                Require(turn.Reports == (ended is null ? 0 : 1), turn, () => $"reported {turn.Reports} times, ended {ended}");
            }

            Require(
                ended?.Outcome is not (TurnOutcome.Completed or TurnOutcome.AudioOnly) || turn.IsSentAgain || turn.DiscardedBytes == (turn.Report?.DroppedBytes ?? 0), turn,
                () => $"is {ended!.Outcome} with {turn.DiscardedBytes} bytes discarded");
            bool isInterrupted = turn.IsInterrupted || (turn.MayBeInterrupted && speaker.Closed is null);
            Require(
                ended?.Outcome is not TurnOutcome.Interrupted || script.Ending == SessionEnding.Close || isInterrupted, turn,
                () => "was interrupted by nobody");
            Require(
                ended?.Outcome is not TurnOutcome.Failed, turn, () => $"failed: {ended!.Error}");
        }

        foreach (string id in speaker.LostTurns)
        {
            var outcome = log.Ends.GetValueOrDefault(id)?.Outcome;
            promises.Require(
                outcome is TurnOutcome.AudioOnly or TurnOutcome.Interrupted or null, who, () => $"turn '{id}' was told to have lost its motion, and is {outcome}");
        }

        promises.Require(log.SessionEnded?.Error == ErrorReason.Unspecified, who, () => $"the session ended with {log.SessionEnded}");
    }

    private void Require(bool holds, SpokenTurn turn, Func<string> what) => promises.Require(holds, who, () => $"{what()}; {turn}");
}
