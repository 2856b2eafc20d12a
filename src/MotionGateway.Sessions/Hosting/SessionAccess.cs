using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>The only way from a session's id to the session.</summary>
/// <param name="directory">Where sessions live.</param>
public sealed class SessionAccess(ISessionDirectory directory)
{
    /// <summary>Finds a session for somebody.</summary>
    /// <param name="caller">Who.</param>
    /// <param name="sessionId">The session's id.</param>
    /// <param name="right">What for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="GatewayException">There is none of this id, or the caller may not: both are answered alike.</exception>
    public async ValueTask<Session> FindAsync(Caller caller, string sessionId, SessionRight right, CancellationToken cancellationToken = default)
    {
        var session = await directory.FindAsync(sessionId, cancellationToken);
        return session is not null && caller.May(right, session.Settings.App) ? session : throw new GatewayException(
            ErrorReason.SessionNotFound, "No such session: it was closed a while ago, or never was here.")
        {
            Field = "session_id",
        };
    }

    /// <summary>Sessions that somebody may look at, oldest first.</summary>
    /// <param name="caller">Who.</param>
    public IEnumerable<Session> List(Caller caller) =>
        directory.Owned.Where(session => caller.May(SessionRight.Operate, session.Settings.App))
            .OrderBy(static session => session.CreateTime).ThenBy(static session => session.Id, StringComparer.Ordinal);
}
