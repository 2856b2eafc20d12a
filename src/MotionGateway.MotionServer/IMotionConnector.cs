namespace MotionGateway.MotionServer;

/// <summary>
/// Opens connections to the Motion Server for one app. <see cref="MotionServerClient"/> is the one that does; others wrap it: a pool, a policy for reconnecting, a test's
/// own.
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
}

/// <summary>A connector that knows whether what is open in a region is as good as what would be opened now. A pool asks before it hands a connection out.</summary>
internal interface IRegionRank
{
    /// <summary>False once a connect would go to a region that comes before it. Answers at once, from what is known.</summary>
    /// <param name="region">The connection's, see <see cref="IMotionConnection.Region"/>.</param>
    bool IsCurrentRegion(string? region);

    /// <summary>What a connector says; true for one that knows no regions.</summary>
    static bool Ask(IMotionConnector connector, string? region) => connector is not IRegionRank rank || rank.IsCurrentRegion(region);
}
