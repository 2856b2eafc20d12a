namespace MotionGateway.MotionServer;

/// <summary>Connections of one kind that wait for their use. Its owner calls it under a lock, but for <see cref="DiscardAsync"/>.</summary>
internal sealed class ReadyConnections(IMotionConnector connector, TimeProvider time, TimeSpan maxAge)
{
    private readonly List<ReadyConnection> _ready = [];

    // To be closed, once a connect would go to a better region.
    private readonly List<ReadyConnection> _outranked = [];

    /// <summary>All that are there, in good health or not.</summary>
    public int Count => _ready.Count;

    /// <summary>Those that can be handed out.</summary>
    public int Healthy => _ready.Count(IsHealthy);

    /// <summary>What ends when one of the connections does.</summary>
    public IEnumerable<Task> Ends => _ready.Select(ready => ready.Connection.Completion);

    public void Add(IMotionConnection opened)
    {
        MotionServerTelemetry.RecordPooled(1, opened.Region);
        _ready.Add(new ReadyConnection(opened, time.GetTimestamp()));
    }

    /// <summary>Hands out the oldest one in good health, or null; those that are passed over stay, to be closed.</summary>
    public IMotionConnection? Take()
    {
        int found = _ready.FindIndex(IsHealthy);
        if (found < 0)
        {
            return null;
        }

        IMotionConnection taken = _ready[found].Connection;
        _ready.RemoveAt(found);
        MotionServerTelemetry.RecordPooled(-1, taken.Region);
        return taken;
    }

    /// <summary>Sets aside what gives way to a better region.</summary>
    public void SetOutrankedAside()
    {
        _outranked.AddRange(_ready.Where(ready => !connector.IsCurrentRegion(ready.Connection.Region)));
        _ready.RemoveAll(_outranked.Contains);
    }

    /// <summary>How long until one is too old; the limit when there is none.</summary>
    public TimeSpan UntilTooOld() => _ready.Select(ready => maxAge - time.GetElapsedTime(ready.OpenedAt)).Append(maxAge).Min();

    /// <summary>Removes what cannot be handed out, with the reason.</summary>
    public List<(ReadyConnection Ready, string Reason)> TakeUnusable()
    {
        List<ReadyConnection> unhealthy = [.. _ready.Where(ready => !IsHealthy(ready))];
        _ready.RemoveAll(unhealthy.Contains);
        List<(ReadyConnection, string)> unusable =
        [
            .. unhealthy.Select(ready => (ready, ready.HasEnded ? "ended" : ready.HasWord ? "spoken_to" : "aged")),
            .. _outranked.Select(ready => (ready, "region")),
        ];
        _outranked.Clear();
        return unusable;
    }

    /// <summary>Removes everything.</summary>
    public List<(ReadyConnection Ready, string Reason)> TakeAll(string reason)
    {
        List<(ReadyConnection, string)> all = [.. _ready.Concat(_outranked).Select(ready => (ready, reason))];
        _ready.Clear();
        _outranked.Clear();
        return all;
    }

    /// <summary>Closes what was removed.</summary>
    public static async Task DiscardAsync(IEnumerable<(ReadyConnection Ready, string Reason)> removed) =>
        await Task.WhenAll(removed.Select(discarded =>
        {
            IMotionConnection connection = discarded.Ready.Connection;
            MotionServerTelemetry.RecordPooled(-1, connection.Region);
            MotionServerTelemetry.RecordPoolDiscard(discarded.Reason, connection.Region);
            return connection.DisposeAsync().AsTask();
        })).ConfigureAwait(false);

    private bool IsHealthy(ReadyConnection ready) => !ready.HasEnded && !ready.HasWord && time.GetElapsedTime(ready.OpenedAt) < maxAge;
}
