namespace MotionGateway.EdgeRelay;

/// <summary>All viewers of the relay: bounds their number, and tells them when it shuts down.</summary>
internal sealed class ViewerRegistry(EdgeRelayOptions options, RelayMetrics metrics)
{
    private readonly Lock _lock = new();
    private readonly HashSet<Viewer> _viewers = [];
    private bool _isStopping;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _viewers.Count;
            }
        }
    }

    /// <returns>False when the relay has as many viewers as it may have.</returns>
    public bool TryAdd(Viewer viewer)
    {
        lock (_lock)
        {
            if (_viewers.Count >= options.MaxViewers)
            {
                return false;
            }

            _viewers.Add(viewer);
            if (_isStopping)
            {
                viewer.GoAway();
            }
        }

        metrics.ViewerCame();
        return true;
    }

    public void Remove(Viewer viewer)
    {
        bool wasThere;
        lock (_lock)
        {
            wasThere = _viewers.Remove(viewer);
        }

        if (wasThere)
        {
            metrics.ViewerLeft();
        }
    }

    /// <summary>Tells every viewer, and those that still come, that the relay shuts down.</summary>
    public void BeginShutdown()
    {
        lock (_lock)
        {
            _isStopping = true;
            foreach (var viewer in _viewers)
            {
                viewer.GoAway();
            }
        }
    }
}
