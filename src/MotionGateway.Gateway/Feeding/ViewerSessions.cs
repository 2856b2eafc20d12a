using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.Sessions;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>The way to a session for a viewer whose token has been verified.</summary>
internal static class ViewerSessions
{
    /// <summary>
    /// Finds the session. A viewer learns nothing of which sessions there are: an unknown one is answered as a wrong token is.
    /// </summary>
    /// <param name="access">Finds it.</param>
    /// <param name="sessionId">The session's id.</param>
    /// <param name="field">Where the token stood in the request.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="GatewayException">VIEWER_TOKEN_INVALID: there is none.</exception>
    public static async ValueTask<Sessions.Session> FindForViewerAsync(
        this SessionAccess access, string sessionId, string field, CancellationToken cancellationToken)
    {
        try
        {
            return await access.FindAsync(Caller.Anyone, sessionId, SessionRight.Read, cancellationToken);
        }
        catch (GatewayException fault) when (fault.Reason == ErrorReason.SessionNotFound)
        {
            throw ViewerTokens.Invalid(field);
        }
    }
}
