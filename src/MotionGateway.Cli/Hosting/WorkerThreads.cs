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

    /// <summary>Time after which a thread less is used, when so many were not needed in it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // A burst of work that is over within it is done by those who are there.
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(250);

    // Of the processors that its threads could fill: above the first they are too few, below the second one less would do.
    private const double Full = 0.6;
    private const double Spare = 0.5;

    // Of threads that are blocked. Beyond that the pool adds some by itself, one each half second.
    private const int MostBlocked = 16;

    private readonly IWorkerPool _pool;
    private readonly int _processors;
    private readonly ManualResetEvent _stopping = new(false);
    private Thread? _watch;
    private long _done;
    private Load _lately;
    private Load _forLong;

    /// <param name="pool">Whose threads are meant.</param>
    /// <param name="processors">How many of them can work at the same time.</param>
    public WorkerThreads(IWorkerPool pool, int processors)
    {
        _pool = pool;
        _processors = processors;
        _done = pool.Done;
        Use(1);
    }

    /// <summary>Threads that work at present.</summary>
    public int Count { get; private set; }

    /// <summary>Sees to the process's own pool until it is disposed of, by a thread that is not of it.</summary>
    public static WorkerThreads Watch() => Watch(new RuntimeWorkerPool(), Environment.ProcessorCount);

    /// <summary>The same of any pool.</summary>
    /// <param name="pool">Whose threads are meant.</param>
    /// <param name="processors">How many of them can work at the same time.</param>
    public static WorkerThreads Watch(IWorkerPool pool, int processors)
    {
        var workers = new WorkerThreads(pool, processors);
        workers._watch = new Thread(workers.LookOnAndOn) { IsBackground = true, Name = "Worker threads" };
        workers._watch.Start();
        return workers;
    }

    /// <summary>Sees whether there are too few or too many.</summary>
    /// <param name="elapsed">Time since the last look.</param>
    public void Look(TimeSpan elapsed)
    {
        _lately.Time += elapsed;
        _forLong.Time += elapsed;
        if (IsStuck())
        {
            // Beyond these the pool adds threads by itself, and is left to it.
            Raise(_processors + MostBlocked);
        }
        else if (IsFull())
        {
            Raise(_processors);
        }
        else if (_forLong.Time >= Patience)
        {
            // Also where it is one already: the pool may have added some by itself.
            Use(TakeCores(ref _forLong) <= Spare * (Count - 1) ? Count - 1 : Count);
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

    // Something waits, and nothing has been done since the last look.
    private bool IsStuck()
    {
        long before = _done;
        _done = _pool.Done;
        return _pool.Waiting > 0 && _done == before;
    }

    private bool IsFull() => _lately.Time >= Burst && TakeCores(ref _lately) > Full * Count;

    private double TakeCores(ref Load load)
    {
        var before = load;
        load = new Load { Used = _pool.ProcessorTime };
        return (load.Used - before.Used) / before.Time;
    }

    private void Raise(int most)
    {
        if (Count < most)
        {
            Use(Count + 1);
        }
    }

    private void Use(int count)
    {
        Count = count;
        _pool.Use(count);
        _lately = _forLong = new Load { Used = _pool.ProcessorTime };
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

    /// <summary>What has been used since a moment.</summary>
    private struct Load
    {
        /// <summary>Time since then.</summary>
        public TimeSpan Time;

        /// <summary>The process's processor time then.</summary>
        public TimeSpan Used;
    }
}
