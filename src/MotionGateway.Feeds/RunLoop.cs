using System.Diagnostics;

namespace MotionGateway.Feeds;

/// <summary>
/// A thread on which loops that were woken go on, one after the other: what is woken at about the same time costs one wake of a
/// thread, and what they write to one connection leaves together. Under load it runs at most once a millisecond, with all that was
/// woken meanwhile; when it has rested it runs at once.
/// </summary>
/// <remarks>
/// What runs on it must not block: it goes on elsewhere as soon as it waits for anything but an <see cref="AsyncSignal"/>. The threads
/// are the process's, as those of the thread pool are.
/// </remarks>
public sealed class RunLoop
{
    /// <summary>How long what can wait does at the most, in milliseconds.</summary>
    private const int Interval = 1;

    // Two batches so close together are load; less often than that, to pause would cost a wake of its own.
    private static readonly TimeSpan Busy = TimeSpan.FromMilliseconds(2 * Interval);

    // Loops that stand together gain most: the second core is left to what they wake, the kernel's and the server's work.
    private static readonly RunLoop[] All = [.. Enumerable.Range(0, Math.Max(1, Environment.ProcessorCount / 2)).Select(static n => new RunLoop(n))];
    private static uint _next;

    // Guards all below.
    private readonly object _gate = new();
    private List<AsyncSignal> _woken = [];
    private bool _isUrgent;
    private bool _isResting;

    private long _batches;

    internal RunLoop(int number)
    {
        var thread = new Thread(Run) { IsBackground = true, Name = $"run loop {number}" };

        // Apart from whoever happens to come first.
        thread.UnsafeStart();
    }

    /// <summary>Batches run by all loops of the process so far.</summary>
    public static long TotalBatches => All.Sum(static loop => loop.Batches);

    /// <summary>Batches run so far.</summary>
    internal long Batches => Interlocked.Read(ref _batches);

    /// <summary>The loop for the next that needs one.</summary>
    public static RunLoop Next() => All[Interlocked.Increment(ref _next) % (uint)All.Length];

    /// <summary>Lets a woken loop go on.</summary>
    /// <param name="signal">What it waits for.</param>
    /// <param name="isUrgent">At once; else within the interval.</param>
    internal void Add(AsyncSignal signal, bool isUrgent)
    {
        lock (_gate)
        {
            _woken.Add(signal);
            if (_isResting || (isUrgent && !_isUrgent))
            {
                _isResting = false;
                Monitor.Pulse(_gate);
            }

            _isUrgent |= isUrgent;
        }
    }

    /// <summary>What was woken goes on at once.</summary>
    internal void Hurry()
    {
        lock (_gate)
        {
            if (!_isUrgent)
            {
                _isUrgent = true;
                Monitor.Pulse(_gate);
            }
        }
    }

    private void Run()
    {
        List<AsyncSignal> batch = [];
        long ranAt = 0;
        bool isBusy = false;
        while (true)
        {
            lock (_gate)
            {
                Wait(isBusy, ranAt);
                (batch, _woken) = (_woken, batch);
                _isUrgent = false;
            }

            isBusy = Stopwatch.GetElapsedTime(ranAt) < Busy;
            ranAt = Stopwatch.GetTimestamp();
            foreach (var signal in batch)
            {
                signal.Continue();
            }

            batch.Clear();
            Interlocked.Increment(ref _batches);
        }
    }

    // Until there is something to run, and so long that it is as much as may wait for it.
    private void Wait(bool isBusy, long ranAt)
    {
        if (isBusy && !_isUrgent)
        {
            Monitor.Wait(_gate, Interval);
        }

        if (_woken.Count == 0)
        {
            do
            {
                _isResting = true;
                Monitor.Wait(_gate);
            }
            while (_woken.Count == 0);

            _isResting = false;
            if (!_isUrgent && Stopwatch.GetElapsedTime(ranAt) < TimeSpan.FromMilliseconds(Interval))
            {
                Monitor.Wait(_gate, Interval);
            }
        }
    }
}
