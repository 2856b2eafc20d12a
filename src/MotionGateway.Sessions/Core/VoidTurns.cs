namespace MotionGateway.Sessions;

/// <summary>Names of turns that are void before their first audio; the latest ones.</summary>
internal sealed class VoidTurns
{
    /// <summary>Names remembered at the most.</summary>
    public const int Most = 256;

    private readonly Dictionary<string, long> _bytes = [];
    private readonly Queue<string> _order = new();

    public void Add(string turnId)
    {
        if (_bytes.TryAdd(turnId, 0))
        {
            _order.Enqueue(turnId);
            if (_order.Count > Most)
            {
                _bytes.Remove(_order.Dequeue());
            }
        }
    }

    /// <summary>Counts audio of a void turn.</summary>
    /// <param name="turnId">The turn.</param>
    /// <param name="length">Bytes that have come.</param>
    /// <param name="bytes">Bytes of it so far.</param>
    /// <returns>False when the turn is not void.</returns>
    public bool TryDiscard(string turnId, int length, out long bytes)
    {
        if (!_bytes.TryGetValue(turnId, out bytes))
        {
            bytes = length;
            return false;
        }

        _bytes[turnId] = bytes += length;
        return true;
    }
}
