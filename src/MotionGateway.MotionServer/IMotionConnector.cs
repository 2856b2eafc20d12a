namespace MotionGateway.MotionServer;

/// <summary>
/// Opens connections to the Motion Server for one app. <see cref="MotionServerClient"/> is the one that does;
/// others wrap it: a pool, a policy for reconnecting, a test's own.
/// </summary>
public interface IMotionConnector
{
    /// <summary>Opens a connection: obtains a session token, upgrades to a WebSocket and agrees on the audio format.</summary>
    /// <param name="options">What the connection is for.</param>
    /// <param name="cancellationToken">Gives up; what was opened so far is closed.</param>
    /// <returns>A connection that is ready for audio and must be disposed.</returns>
    /// <exception cref="MotionServerException">A step failed; says which, why, and whether trying again can help.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    Task<IMotionConnection> ConnectAsync(MotionConnectionOptions options, CancellationToken cancellationToken = default);

    /// <summary>
    /// Whether a connection that is open in a region is as good as one that would be opened now. False once a connect would go to a
    /// region that comes before it: the service names another one, or the one that had failed has cooled down. A pool asks before it
    /// hands a connection out. Answers at once, from what is known.
    /// </summary>
    /// <param name="region">The connection's, see <see cref="IMotionConnection.Region"/>.</param>
    /// <returns>True also for a connector that knows no regions, as one does by default; one that wraps another passes the question on.</returns>
    bool IsCurrentRegion(string? region) => true;
}
