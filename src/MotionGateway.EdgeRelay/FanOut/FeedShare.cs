using MotionGateway.Feeds;

namespace MotionGateway.EdgeRelay;

/// <summary>A worker's share of a session's viewers: they are served together.</summary>
internal sealed class FeedShare(FanOutWorker worker) : FanOutItem(worker), IReaderWake
{
    // More of them are served by another thread, so that the shares of a session's workers are at the same time.
    private const int FewViewers = 8;

    private readonly List<Viewer> _viewers = [];

    // The number of viewers, for other threads.
    private volatile int _count;

    // Called with the log's lock held: who appends serves when it has been given back.
    public void Set() => Enqueue();

    // The worker acknowledges for its viewers, and reads on at once.
    public void SetByAcknowledgement()
    {
    }

    /// <summary>Lets the viewers be served what has been appended: few of them on the spot.</summary>
    public void ServeAppended()
    {
        if (_count <= FewViewers)
        {
            Worker.ServeHere();
        }
        else
        {
            Worker.ServeSoon();
        }
    }

    public void Add(Viewer viewer)
    {
        viewer.PlaceInShare = _viewers.Count;
        _viewers.Add(viewer);
        _count = _viewers.Count;
    }

    public void Remove(Viewer viewer)
    {
        var last = _viewers[^1];
        _viewers[viewer.PlaceInShare] = last;
        last.PlaceInShare = viewer.PlaceInShare;
        _viewers.RemoveAt(_viewers.Count - 1);
        _count = _viewers.Count;
    }

    public override void Serve()
    {
        // From the end: a viewer that leaves meanwhile is replaced by one that has been served.
        for (int i = _viewers.Count - 1; i >= 0; i--)
        {
            _viewers[i].Serve();
        }
    }
}
