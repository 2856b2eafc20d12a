namespace MotionGateway.Cli.Hosting;

/// <summary>
/// Lets as few threads work as there is work for: one as long as that is enough, more while the processor is needed or a thread is blocked.
/// </summary>
/// <remarks>
/// Each piece of work that is begun while another is under way wakes a thread if there is one to wake, for what the first would do a moment
/// later. At the pace of speech that is most of what waking costs (docs/benchmarks.md).
/// </remarks>
internal sealed class WorkerThreads : IDisposable
{
    /// <summary>Time from one look to the next: a blocked thread holds up the work of others for up to two of them.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Time after which a thread less is used, when so many were not needed all along.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // A burst of work that is over within it is done by those who are there.
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(250);

    // Of the processors that its threads could fill: above the first they are too few, below the second one less would do.
    private const double Full = 0.75;
    private const double Spare = 0.5;

    // Of threads that are blocked. The pool itself adds more, one each half second.
    private const int MostBlocked = 4;

    private readonly IWorkerPool _pool;
    private readonly int _processors;
    private readonly ManualResetEvent _stopping = new(false);
    private Thread? _watch;
    private long _done;
    private TimeSpan _usedAtWindow;
    private TimeSpan _window;
    private TimeSpan _calm;

    /// <param name="pool">Whose threads are meant.</param>
    /// <param name="processors">How many of them can work at the same time.</param>
    public WorkerThreads(IWorkerPool pool, int processors)
    {
        _pool = pool;
        _processors = processors;
        _done = pool.Done;
        _usedAtWindow = pool.ProcessorTime;
        pool.Use(Count);
    }

    /// <summary>Threads that work at present.</summary>
    public int Count { get; private set; } = 1;

    /// <summary>Sees to the process's own pool until it is disposed of, by a thread that is not of it.</summary>
    public static WorkerThreads Watch()
    {
        var workers = new WorkerThreads(new RuntimeWorkerPool(), Environment.ProcessorCount);
        workers._watch = new Thread(workers.LookOnAndOn) { IsBackground = true, Name = "Worker threads" };
        workers._watch.Start();
        return workers;
    }

    /// <summary>Sees whether there are too few or too many.</summary>
    /// <param name="elapsed">Time since the last look.</param>
    public void Look(TimeSpan elapsed)
    {
        double? cores = CoresOfWindow(elapsed);
        if (IsStuck() || cores > Full * Count)
        {
            More();
            return;
        }

        bool allAreNeeded = Count > 1 && cores > Spare * (Count - 1);
        _calm = allAreNeeded ? TimeSpan.Zero : _calm + elapsed;
        if (_calm >= Patience)
        {
            // Also where it is one already: the pool may have added some by itself.
            Use(Math.Max(Count - 1, 1));
        }
    }

    /// <summary>Leaves the pool to itself, as it is by default.</summary>
    public void Dispose()
    {
        _stopping.Set();
        _watch?.Join();
        _stopping.Dispose();
        _pool.Use(_processors);
    }

    // Beyond the most the pool adds threads by itself, and is left to it.
    private void More()
    {
        _calm = TimeSpan.Zero;
        if (Count < _processors + MostBlocked)
        {
            Use(Count + 1);
        }
    }

    // Something waits, and nothing has been done since the last look.
    private bool IsStuck()
    {
        long before = _done;
        _done = _pool.Done;
        return _pool.Waiting > 0 && _done == before;
    }

    // Null within a window.
    private double? CoresOfWindow(TimeSpan elapsed)
    {
        _window += elapsed;
        if (_window < Window)
        {
            return null;
        }

        var used = _pool.ProcessorTime;
        double cores = (used - _usedAtWindow) / _window;
        (_usedAtWindow, _window) = (used, TimeSpan.Zero);
        return cores;
    }

    private void Use(int count)
    {
        Count = count;
        _calm = TimeSpan.Zero;
        _pool.Use(count);
    }

    private void LookOnAndOn()
    {
        long last = TimeProvider.System.GetTimestamp();
        while (!_stopping.WaitOne(LookInterval))
        {
            long now = TimeProvider.System.GetTimestamp();
            Look(TimeProvider.System.GetElapsedTime(last, now));
            last = now;
        }
    }
}
