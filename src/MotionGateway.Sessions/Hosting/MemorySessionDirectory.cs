using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace MotionGateway.Sessions;

/// <summary>Holds sessions in memory, all owned here.</summary>
public sealed class MemorySessionDirectory : ISessionDirectory
{
    private readonly ConcurrentDictionary<string, Session> _sessions = new();

    /// <inheritdoc/>
    public IEnumerable<Session> Owned => _sessions.Select(static session => session.Value);

    /// <inheritdoc/>
    public ValueTask<(string Id, uint Epoch)> ClaimAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(($"s-{RandomNumberGenerator.GetHexString(20, lowercase: true)}", 1u));

    /// <inheritdoc/>
    public void Add(Session session) => _sessions[session.Id] = session;

    /// <inheritdoc/>
    public void Remove(Session session) => _sessions.TryRemove(session.Id, out _);

    /// <inheritdoc/>
    public ValueTask<Session?> FindAsync(string id, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_sessions.GetValueOrDefault(id));
}
