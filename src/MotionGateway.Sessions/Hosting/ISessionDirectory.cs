namespace MotionGateway.Sessions;

/// <summary>Where sessions live: the only one that knows.</summary>
public interface ISessionDirectory
{
    /// <summary>Sessions that are owned here, in no order. One that comes or goes meanwhile may be among them or not.</summary>
    IEnumerable<Session> Owned { get; }

    /// <summary>Claims an id that no other session has.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The id, and the epoch of its first owner.</returns>
    ValueTask<(string Id, uint Epoch)> ClaimAsync(CancellationToken cancellationToken);

    /// <summary>A session is owned here from now on.</summary>
    void Add(Session session);

    /// <summary>A session is gone.</summary>
    void Remove(Session session);

    /// <summary>Finds a session; null when there is none.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<Session?> FindAsync(string id, CancellationToken cancellationToken);
}
