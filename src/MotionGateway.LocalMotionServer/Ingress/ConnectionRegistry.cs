using System.Collections.Concurrent;

namespace MotionGateway.LocalMotion.Ingress;

/// <summary>The connections that are there now.</summary>
internal sealed class ConnectionRegistry(TimeProvider timeProvider)
{
    private readonly ConcurrentDictionary<string, IServedConnection> _connections = new(StringComparer.Ordinal);

    public void Add(IServedConnection connection) => _connections[connection.Id] = connection;

    public void Remove(IServedConnection connection) => _connections.TryRemove(connection.Id, out _);

    /// <summary>A look at each, the oldest first.</summary>
    public IReadOnlyList<LocalMotionConnection> Look()
    {
        DateTimeOffset now = timeProvider.GetUtcNow();
        return
        [
            .. _connections.Values
                .OrderBy(connection => connection.OpenedAt)
                .Select(connection => new LocalMotionConnection(
                    connection.Id, connection.AvatarId, now - connection.OpenedAt, connection.Requests, connection.FaultName)),
        ];
    }
}
