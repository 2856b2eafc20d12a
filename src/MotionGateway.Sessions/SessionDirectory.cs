using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace MotionGateway.Sessions;

/// <summary>Where sessions live. The only place that knows; this one holds them in memory, all owned here.</summary>
internal sealed class SessionDirectory
{
    private readonly ConcurrentDictionary<string, Session> _sessions = new();

    public int Count => _sessions.Count;

    /// <summary>All sessions, oldest first.</summary>
    public IReadOnlyList<Session> All =>
        [.. _sessions.Values.OrderBy(session => session.CreateTime).ThenBy(session => session.Id, StringComparer.Ordinal)];

    /// <summary>An id that no other session has, and the epoch of its first owner.</summary>
    public static (string Id, uint Epoch) Claim() => ($"s-{RandomNumberGenerator.GetHexString(20, lowercase: true)}", 1);

    public void Add(Session session) => _sessions[session.Id] = session;

    public void Remove(Session session) => _sessions.TryRemove(session.Id, out _);

    public Session? Find(string id) => _sessions.GetValueOrDefault(id);
}
