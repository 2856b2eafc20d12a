namespace MotionGateway.EdgeRelay;

/// <summary>
/// Makes a session for a viewer that comes without a token: what a demo brings along, and nobody else, since it lets everyone in. The
/// relay itself can make no session and no token.
/// </summary>
public interface IDemoSessions
{
    /// <summary>Clips that can be said, by name.</summary>
    IReadOnlyList<string> Clips { get; }

    /// <summary>App ID at the Motion Server.</summary>
    string AppId { get; }

    /// <summary>Avatar of the sessions.</summary>
    string AvatarId { get; }

    /// <summary>Makes a session, and a token for its viewer.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The session, to be disposed of when its viewer has left; null when there are as many as there may be.</returns>
    /// <exception cref="IOException">The gateway cannot be reached, or refuses.</exception>
    Task<IDemoSession?> OpenAsync(CancellationToken cancellationToken);
}
