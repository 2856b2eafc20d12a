using MotionGateway.Feeds;

namespace MotionGateway.EdgeRelay;

/// <summary>A worker's share of a session's viewers: an append wakes the worker once for all of them.</summary>
internal sealed class FeedShare(FanOutWorker worker) : FanOutItem(worker), IReaderWake
{
    private readonly List<Viewer> _viewers = [];

    public void Set() => Post();

    /// <summary>What has been appended is not to wait for more to come.</summary>
    public void Hurry() => Worker.Hurry();

    // The worker acknowledges for its viewers, and reads on at once.
    public void SetByAcknowledgement()
    {
    }

    public void Add(Viewer viewer)
    {
        viewer.PlaceInShare = _viewers.Count;
        _viewers.Add(viewer);
    }

    public void Remove(Viewer viewer)
    {
        var last = _viewers[^1];
        _viewers[viewer.PlaceInShare] = last;
        last.PlaceInShare = viewer.PlaceInShare;
        _viewers.RemoveAt(_viewers.Count - 1);
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
