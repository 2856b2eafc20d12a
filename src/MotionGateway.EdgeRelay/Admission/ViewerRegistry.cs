using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// All viewers of the relay: bounds their number, and tells them when it shuts down. A connection takes a viewer's place when it has
/// shown its token. Of those that have not, only so many are kept, and the newest: who has a token shows it at once.
/// </summary>
internal sealed class ViewerRegistry(EdgeRelayOptions options, RelayMetrics metrics)
{
    // Of 10,000 viewers none waits for more than some seconds, and where they go next they come one after the other.
    private const int ClosesPerSecond = 2000;

    private readonly Lock _lock = new();
    private readonly HashSet<Viewer> _viewers = [];

    // Without a token as yet, the oldest first. Guarded by the lock.
    private readonly LinkedList<Viewer> _strangers = [];
    private readonly Dictionary<Viewer, LinkedListNode<Viewer>> _strangerNodes = [];
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isStopping;

    /// <summary>Viewers that have shown a token.</summary>
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

    /// <summary>Whether the relay has as many viewers as it may have.</summary>
    public bool IsFull => Count >= options.MaxViewers;

    /// <summary>Whether the relay shuts down, and takes no viewer any more.</summary>
    public bool IsStopping => _isStopping;

    /// <summary>How long it takes at most to end the feeds of all viewers.</summary>
    public static TimeSpan GetDrainTime(EdgeRelayOptions options)
    {
        var fastest = TimeSpan.FromSeconds((double)(options.MaxViewers + options.MaxUnverifiedConnections) / ClosesPerSecond);
        return options.ShutdownGrace > fastest ? options.ShutdownGrace : fastest;
    }

    /// <summary>Takes in a connection that has shown nothing yet.</summary>
    public void Add(Viewer viewer)
    {
        Viewer? oldest = null;
        lock (_lock)
        {
            if (_strangers.Count >= options.MaxUnverifiedConnections)
            {
                oldest = _strangers.First!.Value;
                RemoveStrangerLocked(oldest);
            }

            _strangerNodes.Add(viewer, _strangers.AddLast(viewer));
            if (_isStopping)
            {
                viewer.GoAway(TimeSpan.Zero);
            }
        }

        oldest?.Fail(new GatewayException(ErrorReason.ReaderLimit, "Too many connections have not shown a token. Try again later."));
    }

    /// <summary>Gives a connection that has shown its token a viewer's place.</summary>
    /// <exception cref="GatewayException">The relay has as many viewers as it may have.</exception>
    public void Seat(Viewer viewer)
    {
        lock (_lock)
        {
            if (_viewers.Count >= options.MaxViewers)
            {
                throw new GatewayException(ErrorReason.ReaderLimit, "The relay has as many viewers as it may have. Try again later.");
            }

            if (RemoveStrangerLocked(viewer))
            {
                _viewers.Add(viewer);
                metrics.ViewerCame(viewer.Transport);
            }
        }
    }

    public void Remove(Viewer viewer)
    {
        lock (_lock)
        {
            if (_viewers.Remove(viewer))
            {
                metrics.ViewerLeft(viewer.Transport);
            }
            else
            {
                RemoveStrangerLocked(viewer);
            }

            CompleteDrainLocked();
        }
    }

    /// <summary>
    /// Takes no viewer any more, and tells each when its feed ends: one after the other over the grace, in no order, and only so many
    /// a second.
    /// </summary>
    /// <returns>Completes when all have left.</returns>
    public Task DrainAsync()
    {
        lock (_lock)
        {
            if (!_isStopping)
            {
                _isStopping = true;
                Viewer[] leaving = [.. _viewers, .. _strangers];
                Random.Shared.Shuffle(leaving);
                var fastest = TimeSpan.FromSeconds(1.0 / ClosesPerSecond);
                var step = leaving.Length > 0 && options.ShutdownGrace / leaving.Length is var even && even > fastest ? even : fastest;
                for (int i = 0; i < leaving.Length; i++)
                {
                    leaving[i].GoAway(step * (i + 1));
                }
            }

            CompleteDrainLocked();
            return _drained.Task;
        }
    }

    private void CompleteDrainLocked()
    {
        if (_isStopping && _viewers.Count + _strangers.Count == 0)
        {
            _drained.TrySetResult();
        }
    }

    private bool RemoveStrangerLocked(Viewer viewer)
    {
        if (!_strangerNodes.Remove(viewer, out var node))
        {
            return false;
        }

        _strangers.Remove(node);
        return true;
    }
}
