namespace MotionGateway.MotionServer;

/// <summary>Opens connections to the Motion Server for one app. <see cref="MotionServerClient"/> is the one that does; tests bring their own.</summary>
public interface IMotionConnector
{
    /// <summary>Opens a connection for one avatar: fetches a session token, upgrades to a WebSocket and agrees on the audio format.</summary>
    /// <param name="avatarId">The avatar that motion is made for; belongs to the app.</param>
    /// <param name="format">The format of all audio on this connection.</param>
    /// <param name="cancellationToken">Gives up; what was opened so far is closed.</param>
    /// <returns>A connection that is ready for audio and must be disposed.</returns>
    /// <exception cref="MotionServerException">A step failed; says which, why, and whether trying again can help.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    Task<IMotionConnection> ConnectAsync(string avatarId, MotionAudioFormat format, CancellationToken cancellationToken = default);
}
