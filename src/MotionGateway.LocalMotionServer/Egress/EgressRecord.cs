namespace MotionGateway.LocalMotion.Egress;

/// <summary>
/// What a local Motion Server would have published: it publishes nothing, and keeps it for inspection. The latest 64 connections are
/// kept, and of each the latest 256 requests; their audio and motion up to <see cref="LocalMotionServerOptions.KeptEgressBytesPerRequest"/>
/// and <see cref="LocalMotionServerOptions.KeptEgressBytes"/>.
/// </summary>
public sealed class EgressRecord
{
    private const int MaxConnections = 64;

    private readonly Lock _gate = new();
    private readonly Queue<EgressLedger> _ledgers = new();

    internal EgressRecord(LocalMotionServerOptions options) => Media = new EgressMediaStore(options.KeptEgressBytesPerRequest, options.KeptEgressBytes);

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

    internal EgressMediaStore Media { get; }

    /// <summary>The audio and motion of one request. Over HTTP: below <c>GET /control/egress/{connection}/{request}</c>.</summary>
    /// <param name="connectionId">The connection's id, as the client was told.</param>
    /// <param name="requestId">The client's <c>req_id</c>; of one that was used again, the latest is meant.</param>
    /// <returns>A copy of what is kept by now; null when there is no such request among <see cref="Connections"/>.</returns>
    public EgressMedia? FindMedia(string connectionId, string requestId)
    {
        EgressLedger? ledger;
        lock (_gate)
        {
            ledger = _ledgers.FirstOrDefault(ledger => ledger.ConnectionId == connectionId);
        }

        return ledger?.ReadMedia(requestId);
    }

    internal void Add(EgressLedger ledger)
    {
        EgressLedger? oldest = null;
        lock (_gate)
        {
            if (_ledgers.Count == MaxConnections)
            {
                oldest = _ledgers.Dequeue();
            }

            _ledgers.Enqueue(ledger);
        }

        oldest?.Forget();
    }
}
