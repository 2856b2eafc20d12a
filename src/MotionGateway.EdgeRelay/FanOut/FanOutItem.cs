namespace MotionGateway.EdgeRelay;

/// <summary>Something that a worker serves when it is told to. What belongs to the worker is touched by it alone.</summary>
internal abstract class FanOutItem(FanOutWorker worker)
{
    private int _isPosted;

    public FanOutWorker Worker { get; } = worker;

    /// <summary>Lets the worker serve the item soon: once, however often it is told to before it does. Called from any thread.</summary>
    public void Post()
    {
        if (Interlocked.Exchange(ref _isPosted, 1) == 0)
        {
            Worker.Enqueue(this);
            Worker.ServeSoon();
        }
    }

    /// <summary>The same, but for that the caller sees to it soon that the worker serves.</summary>
    protected void Enqueue()
    {
        if (Interlocked.Exchange(ref _isPosted, 1) == 0)
        {
            Worker.Enqueue(this);
        }
    }

    /// <summary>Called by the worker alone.</summary>
    public void Run()
    {
        // Before anything is read: what is told from now on is served once more.
        Interlocked.Exchange(ref _isPosted, 0);
        Serve();
    }

    /// <summary>Does what there is to do. Waits for nothing, and throws nothing.</summary>
    public abstract void Serve();
}
