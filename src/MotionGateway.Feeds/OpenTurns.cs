using System.Text;
using MotionGateway.V1;

namespace MotionGateway.Feeds;

/// <summary>The turns of a log that have begun and not ended, oldest first.</summary>
internal sealed class OpenTurns
{
    private readonly List<LogTurn> _turns = [];

    /// <summary>The turn that plays; null when none does.</summary>
    public LogTurn? Current => _turns.Find(turn => !turn.MayHaveEnded) ?? _turns.FirstOrDefault();

    /// <summary>Whether entries of a turn must be kept however old they are.</summary>
    public bool IsGoingOn(LogTurn turn) => !turn.MayHaveEnded && _turns.Contains(turn);

    /// <summary>Takes note of a payload of a turn.</summary>
    /// <returns>The turn.</returns>
    public LogTurn Track(in PayloadHeader header)
    {
        var turn = Find(header.TurnId);
        if (turn is null)
        {
            turn = new LogTurn(
                Encoding.UTF8.GetString(header.TurnId), header.Sequence, header.Kind == PayloadKind.TurnStarted);
            _turns.Add(turn);
        }

        (turn.LastSequence, turn.MayHaveEnded) = (header.Sequence, false);
        if (header.Kind == PayloadKind.TurnEnded)
        {
            _turns.Remove(turn);
            turn.IsInterrupted = header.ReadOutcome() == (int)TurnOutcome.Interrupted;
        }

        return turn;
    }

    /// <summary>Takes note of sequences that the log never had: turns may have ended in them.</summary>
    public void Skip(SkipReason reason)
    {
        if (reason == SkipReason.Interrupted)
        {
            // Media only, and the turn's end follows.
            return;
        }

        foreach (var turn in _turns)
        {
            turn.MayHaveEnded = true;
            turn.IsWhole = false;
        }
    }

    /// <summary>Forgets turns that may have ended and whose entries have all left the log.</summary>
    public void Trim(long firstSequence) =>
        _turns.RemoveAll(turn => turn.MayHaveEnded && turn.LastSequence < firstSequence);

    private LogTurn? Find(ReadOnlySpan<byte> id)
    {
        foreach (var turn in _turns)
        {
            if (turn.Is(id))
            {
                return turn;
            }
        }

        return null;
    }
}
