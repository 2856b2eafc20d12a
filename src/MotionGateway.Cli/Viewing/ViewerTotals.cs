using MotionGateway.V1;

namespace MotionGateway.Cli.Viewing;

/// <summary>What a viewer has received, turn by turn.</summary>
internal sealed class ViewerTotals
{
    private readonly Dictionary<string, ViewedTurn> _turns = [];
    private readonly List<ViewedTurn> _inOrder = [];

    /// <summary>The turns, in the order in which they came.</summary>
    public IReadOnlyList<ViewedTurn> Turns => _inOrder;

    /// <summary>Milliseconds of speech.</summary>
    public double AudioMs => _inOrder.Sum(turn => turn.AudioMs);

    /// <summary>Bytes of speech, as it is delivered.</summary>
    public long AudioBytes => _inOrder.Sum(turn => turn.AudioBytes);

    /// <summary>Payloads of motion.</summary>
    public int MotionMessages => _inOrder.Sum(turn => turn.MotionMessages);

    /// <summary>Keyframes in them.</summary>
    public long Keyframes => _inOrder.Sum(turn => turn.Keyframes);

    /// <summary>Whether each turn's audio and motion came without a hole in its own timeline.</summary>
    public bool IsOrdered => _inOrder.TrueForAll(turn => turn.IsOrdered);

    /// <summary>Counts a payload.</summary>
    /// <returns>Its turn; null when it belongs to none.</returns>
    public ViewedTurn? Add(Payload payload)
    {
        if (payload.TurnId.Length == 0)
        {
            return null;
        }

        if (!_turns.TryGetValue(payload.TurnId, out var turn))
        {
            _turns.Add(payload.TurnId, turn = new ViewedTurn(payload.TurnId));
            _inOrder.Add(turn);
        }

        turn.Add(payload);
        return turn;
    }
}
