using MotionGateway.Feeds;

namespace MotionGateway.Sessions;

/// <summary>Where sessions' logs are kept.</summary>
public interface ISessionLogStore
{
    /// <summary>Makes the log of a session that begins.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="start">Epoch of the log, and the sequence after which it begins.</param>
    /// <param name="options">Its bounds.</param>
    SessionLog Create(string sessionId, LogPosition start, SessionLogOptions options);
}
