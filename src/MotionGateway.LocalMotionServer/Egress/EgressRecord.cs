namespace MotionGateway.LocalMotion.Egress;

/// <summary>
/// What a local Motion Server would have published: it publishes nothing, and keeps the numbers for inspection. The latest 64
/// connections are kept, and of each the latest 256 requests.
/// </summary>
public sealed class EgressRecord
{
    private const int MaxConnections = 64;

    private readonly Lock _gate = new();
    private readonly Queue<EgressLedger> _ledgers = new();

    internal EgressRecord()
    {
    }

    /// <summary>The connections with egress, oldest first, as they are now.</summary>
    public IReadOnlyList<EgressConnection> Connections
    {
        get
        {
            lock (_gate)
            {
                return [.. _ledgers.Select(ledger => ledger.Read())];
            }
        }
    }

    internal void Add(EgressLedger ledger)
    {
        lock (_gate)
        {
            if (_ledgers.Count == MaxConnections)
            {
                _ledgers.Dequeue();
            }

            _ledgers.Enqueue(ledger);
        }
    }
}
