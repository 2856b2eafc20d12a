using MotionGateway.Feeds;

namespace MotionGateway.EdgeRelay;

/// <summary>A worker's share of a session's viewers: told together, and served some at a time.</summary>
internal sealed class FeedShare : FanOutItem, IReaderWake
{
    // More of them are served by another thread, so that the shares of a session's workers are at the same time.
    private const int FewViewers = 8;

    private readonly List<FeedFollower> _viewers = [];
    private readonly Rest _rest;

    // The number of viewers, for other threads.
    private volatile int _count;

    // The first so many viewers have yet to be served what the share was told of.
    private int _unserved;
    private bool _isToldMeanwhile;

    public FeedShare(FanOutWorker worker)
        : base(worker) => _rest = new Rest(this);

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

    public void Add(FeedFollower viewer)
    {
        viewer.PlaceInShare = _viewers.Count;
        _viewers.Add(viewer);
        _count = _viewers.Count;
    }

    public void Remove(FeedFollower viewer)
    {
        var last = _viewers[^1];
        _viewers[viewer.PlaceInShare] = last;
        last.PlaceInShare = viewer.PlaceInShare;
        _viewers.RemoveAt(_viewers.Count - 1);
        _count = _viewers.Count;
    }

    public override int Serve(int most)
    {
        if (_unserved > 0)
        {
            // All are served once more, but not before the last of them has had its turn.
            _isToldMeanwhile = true;
            return 0;
        }

        _unserved = _viewers.Count;
        return ServeSome(most);
    }

    // From the end: a viewer that leaves meanwhile is replaced by one that has been served.
    private int ServeSome(int most)
    {
        _unserved = Math.Min(_unserved, _viewers.Count);
        int count = Math.Min(_unserved, most);
        for (int i = 0; i < count; i++)
        {
            _unserved--;
            _viewers[_unserved].Serve(1);
        }

        if (_unserved > 0)
        {
            _rest.Enqueue();
        }
        else if (_isToldMeanwhile)
        {
            _isToldMeanwhile = false;
            Enqueue();
        }

        return count;
    }

    /// <summary>The viewers that are still to be served: what else the worker has is served in between.</summary>
    private sealed class Rest(FeedShare share) : FanOutItem(share.Worker)
    {
        public override int Serve(int most) => share.ServeSome(most);
    }
}
