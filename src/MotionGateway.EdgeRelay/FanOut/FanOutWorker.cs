using System.Collections.Concurrent;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// Serves its share of the viewers, by one thread at a time: what is appended to their windows, what they acknowledged, what is due. A
/// viewer costs it no task and no timer.
/// </summary>
/// <remarks>
/// Whoever has something for it may serve it on the spot, so that a payload which has come for a viewer is sent without waking
/// another thread. While somebody else serves, that one takes it along. What enqueues passes a full fence before it sees whether somebody
/// serves, and who has served passes one before it looks for more: one of the two sees the other.
/// </remarks>
internal sealed class FanOutWorker : IThreadPoolWorkItem, IAsyncDisposable
{
    // Of what was posted, and of viewers whose session has grown, so that neither wait for long for the others. Then what they are sent
    // goes out, which is work of its own for their sockets; deadlines are looked at, and who serves on the spot goes back to its own.
    private const int AtOnce = 32;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    // Of viewers with nothing to be sent but heartbeats, many are served in one go.
    private static readonly TimeSpan Shared = TimeSpan.FromMilliseconds(200);

    private readonly TimeProvider _timeProvider;
    private readonly long _origin;
    private readonly ConcurrentQueue<FanOutItem> _posted = new();

    // Shares with viewers that have yet to be served. Of who serves.
    private readonly Queue<FeedShare> _told = new();
    private readonly DeadlineWheel<Viewer> _deadlines = new(Tick);
    private readonly List<Viewer> _due = [];
    private readonly Alarm _alarm;
    private readonly ITimer _timer;
    private TimeSpan _timerDue;
    private volatile bool _isTimerSet;
    private bool _isScheduled;
    private bool _isServing;

    // That of no call, which a thread of the pool begins with.
    private volatile ExecutionContext? _context;

    public FanOutWorker(TimeProvider timeProvider)
    {
        // Apart from whoever happens to come first.
        using var flow = ExecutionContext.SuppressFlow();
        _timeProvider = timeProvider;
        _origin = timeProvider.GetTimestamp();
        _alarm = new Alarm(this);
        _timer = timeProvider.CreateTimer(
            static worker => ((FanOutWorker)worker!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The time since the worker began, by which its viewers' deadlines are set.</summary>
    public TimeSpan Now => _timeProvider.GetElapsedTime(_origin);

    /// <summary>A time that what need not be exact shares with others that are due about then: it is a little later.</summary>
    public static TimeSpan Together(TimeSpan due)
    {
        long ticks = due.Ticks + Shared.Ticks - 1;
        return TimeSpan.FromTicks(ticks - (ticks % Shared.Ticks));
    }

    /// <summary>Adds an item, for whoever serves next.</summary>
    public void Enqueue(FanOutItem item) => _posted.Enqueue(item);

    /// <summary>Lets a thread of the pool serve what was enqueued, unless somebody is serving.</summary>
    public void ServeSoon()
    {
        Interlocked.MemoryBarrier();
        if (!Volatile.Read(ref _isServing) && !Interlocked.Exchange(ref _isScheduled, true))
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Serves what was enqueued on this thread, unless somebody is serving. Not to be called with a lock held.</summary>
    public void ServeHere()
    {
        if (_context is { } context)
        {
            ExecutionContext.Run(context, static worker => ((FanOutWorker)worker!).Serve(), this);
        }
        else
        {
            ServeSoon();
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        _context ??= ExecutionContext.Capture();
        Interlocked.Exchange(ref _isScheduled, false);
        Serve();
    }

    /// <summary>Has a share's viewers served, some at a time, in turn with those of other shares. Called by the worker's own items.</summary>
    public void ServeInTurn(FeedShare share) => _told.Enqueue(share);

    /// <summary>Sees to it that a viewer is served by a time. Called by the worker's own items.</summary>
    public void ServeBy(DeadlineWheel<Viewer>.Entry viewer, TimeSpan due) => _deadlines.ScheduleBy(viewer, due);

    /// <summary>Forgets a viewer's deadline. Called by the worker's own items.</summary>
    public void Forget(DeadlineWheel<Viewer>.Entry viewer) => _deadlines.Remove(viewer);

    /// <summary>Stops, when the viewers have left.</summary>
    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Serve()
    {
        if (Interlocked.Exchange(ref _isServing, true))
        {
            return;
        }

        for (int i = 0; i < AtOnce && _posted.TryDequeue(out var item); i++)
        {
            item.Run();
        }

        for (int left = AtOnce; left > 0 && _told.TryDequeue(out var share);)
        {
            left -= share.ServeSome(AtOnce);
        }

        ServeDue();
        SetTimer();
        bool isAnyTold = _told.Count > 0;
        Interlocked.Exchange(ref _isServing, false);
        if (isAnyTold || !_posted.IsEmpty)
        {
            ServeSoon();
        }
    }

    private void ServeDue()
    {
        _deadlines.Advance(Now, _due);
        foreach (var viewer in _due)
        {
            viewer.Serve();
        }

        _due.Clear();
    }

    private void SetTimer()
    {
        var next = _deadlines.Next;
        if (next is not { } due || (_isTimerSet && _timerDue <= due))
        {
            return;
        }

        _timerDue = due;
        _isTimerSet = true;
        var now = Now;
        _timer.Change(due > now ? due - now : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    // May be early by the part of a millisecond: who serves looks, and sets it again.
    private void OnTimer()
    {
        _isTimerSet = false;
        _alarm.Post();
    }

    /// <summary>Lets deadlines be looked at, which is done with each serving.</summary>
    private sealed class Alarm(FanOutWorker worker) : FanOutItem(worker)
    {
        public override void Serve()
        {
        }
    }
}
