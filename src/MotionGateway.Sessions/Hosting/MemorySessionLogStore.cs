using MotionGateway.Feeds;

namespace MotionGateway.Sessions;

/// <summary>Keeps logs in memory: they end with the process.</summary>
/// <param name="timeProvider">The clock for retention.</param>
public sealed class MemorySessionLogStore(TimeProvider timeProvider) : ISessionLogStore
{
    /// <inheritdoc/>
    public SessionLog Create(string sessionId, LogPosition start, SessionLogOptions options) => new(start, options, timeProvider);
}
