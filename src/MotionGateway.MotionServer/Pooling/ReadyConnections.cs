namespace MotionGateway.MotionServer;

/// <summary>Connections of one kind that wait for their use. Its owner calls it under a lock, but for <see cref="DiscardAsync"/>.</summary>
internal sealed class ReadyConnections(TimeProvider time, TimeSpan maxAge)
{
    private readonly List<ReadyConnection> _ready = [];

    /// <summary>All that are there, in good health or not.</summary>
    public int Count => _ready.Count;

    /// <summary>Those that can be handed out.</summary>
    public int Healthy => _ready.Count(IsHealthy);

    /// <summary>All that are there now, in good health or not.</summary>
    public ReadyConnection[] All => [.. _ready];

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

    /// <summary>
    /// Removes those that give way to a better region, with the reason. What has ended or was spoken to stays: that is trouble,
    /// which <see cref="TakeUnusable"/> tells.
    /// </summary>
    public List<(ReadyConnection Ready, string Reason)> TakeOutranked(ReadyConnection[] outranked)
    {
        List<ReadyConnection> taken = [.. _ready.Where(ready => !ready.HasEnded && !ready.HasWord && outranked.Contains(ready))];
        _ready.RemoveAll(taken.Contains);
        return [.. taken.Select(ready => (ready, "region"))];
    }

    /// <summary>How long until one is too old; the limit when there is none.</summary>
    public TimeSpan UntilTooOld() => _ready.Select(ready => maxAge - time.GetElapsedTime(ready.OpenedAt)).Append(maxAge).Min();

    /// <summary>Removes what cannot be handed out, with the reason.</summary>
    public List<(ReadyConnection Ready, string Reason)> TakeUnusable()
    {
        List<ReadyConnection> unhealthy = [.. _ready.Where(ready => !IsHealthy(ready))];
        _ready.RemoveAll(unhealthy.Contains);
        return [.. unhealthy.Select(ready => (ready, ready.HasEnded ? "ended" : ready.HasWord ? "spoken_to" : "aged"))];
    }

    /// <summary>Removes everything.</summary>
    public List<(ReadyConnection Ready, string Reason)> TakeAll(string reason)
    {
        List<(ReadyConnection, string)> all = [.. _ready.Select(ready => (ready, reason))];
        _ready.Clear();
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
