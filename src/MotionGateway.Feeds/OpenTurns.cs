using System.Text;
using MotionGateway.V1;

namespace MotionGateway.Feeds;

/// <summary>The turns of a log that have begun and not ended, oldest first.</summary>
internal sealed class OpenTurns
{
    // Turns whose end was missed are known for a while: whoever has read their beginning must get what may still come.
    private const int MaxTurns = 16;

    private readonly List<LogTurn> _turns = [];

    /// <summary>The turn that plays; null when none does.</summary>
    public LogTurn? Current => _turns.Find(turn => !turn.MayHaveEnded) ?? _turns.Find(turn => !turn.HasLeft);

    /// <summary>Whether there is one that is not known to have perhaps ended.</summary>
    public bool IsUnderWay => _turns.Exists(turn => !turn.MayHaveEnded);

    /// <summary>Whether the playback of a turn is held.</summary>
    public bool IsPaused => _turns.Exists(turn => turn.IsPaused);

    /// <summary>The turns whose beginning the log has had, and which began within a span.</summary>
    public LogTurn[] FindBegun(SequenceSpan span) =>
        [.. _turns.Where(turn => turn.Started is { } started && span.Covers(started.Span))];

    /// <summary>Takes note of a payload of a turn.</summary>
    /// <returns>The turn.</returns>
    public LogTurn Track(in PayloadHeader header)
    {
        var turn = Find(header.TurnId);
        if (turn is null)
        {
            turn = new LogTurn(Encoding.UTF8.GetString(header.TurnId), header.Sequence);
            _turns.Add(turn);
        }

        (turn.LastSequence, turn.MayHaveEnded) = (header.Sequence, false);
        switch (header.Kind)
        {
            case PayloadKind.PlaybackChanged:
                turn.IsPaused = header.ReadPaused();
                break;
            case PayloadKind.TurnEnded:
                _turns.Remove(turn);
                turn.IsInterrupted = header.ReadOutcome() == (int)TurnOutcome.Interrupted;
                break;
        }

        return turn;
    }

    /// <summary>Takes note of sequences that the log never had: turns may have ended, or playback gone on, in them.</summary>
    public void Skip(SkipReason reason)
    {
        if (reason is SkipReason.Interrupted or SkipReason.BeforeStart)
        {
            // Media of a turn whose end follows, or nothing of the turns that are known.
            return;
        }

        foreach (var turn in _turns)
        {
            (turn.MayHaveEnded, turn.IsPaused) = (true, false);
        }
    }

    /// <summary>Takes note of where the log begins: a turn that may have ended before no longer plays.</summary>
    public void Trim(long firstSequence)
    {
        foreach (var turn in _turns)
        {
            turn.HasLeft = turn.MayHaveEnded && turn.LastSequence < firstSequence;
        }

        while (_turns.Count > MaxTurns && _turns[0].HasLeft)
        {
            _turns.RemoveAt(0);
        }
    }

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
