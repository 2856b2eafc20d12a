namespace MotionGateway.MotionServer;

/// <summary>The usual call without options of its own.</summary>
public static class MotionConnectorExtensions
{
    /// <summary>Opens a connection whose motion comes back over it.</summary>
    /// <param name="connector">Who opens it.</param>
    /// <param name="avatarId">The avatar that motion is made for.</param>
    /// <param name="audio">The format of all speech on the connection.</param>
    /// <param name="cancellationToken">Gives up; what was opened so far is closed.</param>
    /// <inheritdoc cref="IMotionConnector.ConnectAsync"/>
    public static Task<IMotionConnection> ConnectAsync(
        this IMotionConnector connector, string avatarId, MotionAudioFormat audio, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connector);
        return connector.ConnectAsync(new MotionConnectionOptions(avatarId, audio), cancellationToken);
    }
}
