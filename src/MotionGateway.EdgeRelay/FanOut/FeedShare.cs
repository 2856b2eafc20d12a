using MotionGateway.Feeds;

namespace MotionGateway.EdgeRelay;

/// <summary>A worker's share of a session's viewers: told together, and served some at a time.</summary>
internal sealed class FeedShare(FanOutWorker worker) : FanOutItem(worker), IReaderWake
{
    // More of them are served by another thread, so that the shares of a session's workers are at the same time.
    private const int FewViewers = 8;

    private readonly List<FeedFollower> _viewers = [];

    // The number of viewers, for other threads.
    private volatile int _count;

    // The first so many viewers have yet to be served what the share was told of.
    private int _unserved;
    private bool _isToldMeanwhile;

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

    public override void Serve()
    {
        // While some have yet to be served, all are once more, but not before the last of them has had its turn.
        _isToldMeanwhile = _unserved > 0;
        if (!_isToldMeanwhile)
        {
            Begin();
        }
    }

    /// <summary>Serves the next viewers. Called by the worker.</summary>
    /// <param name="most">How many of them.</param>
    /// <returns>How many they were.</returns>
    public int ServeSome(int most)
    {
        // From the end: a viewer that leaves meanwhile is replaced by one that has been served.
        _unserved = Math.Min(_unserved, _viewers.Count);
        int count = Math.Min(_unserved, most);
        for (int i = 0; i < count; i++)
        {
            _unserved--;
            _viewers[_unserved].Serve();
        }

        if (_unserved > 0)
        {
            Worker.ServeInTurn(this);
        }
        else if (_isToldMeanwhile)
        {
            _isToldMeanwhile = false;
            Begin();
        }

        return count;
    }

    private void Begin()
    {
        _unserved = _viewers.Count;
        if (_unserved > 0)
        {
            Worker.ServeInTurn(this);
        }
    }
}
