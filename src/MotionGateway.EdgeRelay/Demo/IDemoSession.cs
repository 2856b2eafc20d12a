namespace MotionGateway.EdgeRelay;

/// <summary>A session that a demo has made for one viewer. Disposing of it closes the session.</summary>
public interface IDemoSession : IAsyncDisposable
{
    /// <summary>Its id.</summary>
    string SessionId { get; }

    /// <summary>A token for its viewer.</summary>
    string ViewerToken { get; }

    /// <summary>Clips that can be said, by name.</summary>
    IReadOnlyList<string> Clips { get; }

    /// <summary>Begins to say a clip as a turn.</summary>
    /// <param name="clip">Its name; empty, or one that is not known: the first.</param>
    /// <returns>False when so much waits to be heard that nothing more is taken, or the session is over.</returns>
    bool TrySay(string clip);
}
