using System.Collections.Concurrent;
using System.Diagnostics;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// Serves its share of the viewers from one loop: what is appended to their windows, what they acknowledged, what is due. A viewer
/// costs it no task and no timer. The loop has a thread of its own: what is sent, the server sends on it.
/// </summary>
internal sealed class FanOutWorker : IAsyncDisposable
{
    // Deadlines are looked at in between, however much there is to send.
    private const int ItemsAtOnce = 256;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    // To be woken costs more than to send something: under load what comes within so long of one serving waits for the next.
    private static readonly TimeSpan DefaultPause = TimeSpan.FromMilliseconds(1);

    // Of viewers with nothing to be sent but heartbeats, many are served in one go.
    private static readonly TimeSpan Shared = TimeSpan.FromMilliseconds(200);

    private readonly TimeProvider _timeProvider;
    private readonly TimeSpan _pause;
    private readonly long _origin;
    private readonly ConcurrentQueue<FanOutItem> _posted = new();
    private readonly ThreadSignal _wake = new();
    private readonly DeadlineWheel<Viewer> _deadlines = new(Tick);
    private readonly List<Viewer> _due = [];
    private readonly ITimer _timer;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TimeSpan _timerDue;
    private volatile bool _isTimerSet;
    private volatile bool _isStopping;

    /// <param name="timeProvider">The clock for what is due.</param>
    /// <param name="pause">How long what comes after a serving waits for more at most; null for the default.</param>
    public FanOutWorker(TimeProvider timeProvider, TimeSpan? pause = null)
    {
        _pause = pause ?? DefaultPause;
        // Apart from whoever happens to come first.
        using var flow = ExecutionContext.SuppressFlow();
        _timeProvider = timeProvider;
        _origin = timeProvider.GetTimestamp();
        _timer = timeProvider.CreateTimer(
            static worker => ((FanOutWorker)worker!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        new Thread(Run) { IsBackground = true, Name = "fan-out" }.Start();
    }

    /// <summary>The time since the worker began, by which its viewers' deadlines are set.</summary>
    public TimeSpan Now => _timeProvider.GetElapsedTime(_origin);

    public void Enqueue(FanOutItem item)
    {
        _posted.Enqueue(item);
        _wake.Set();
    }

    /// <summary>Lets what has been enqueued not wait for more to come.</summary>
    public void Hurry() => _wake.SetUrgent();

    /// <summary>Sees to it that a viewer is served by a time. Called by the worker's own items.</summary>
    public void ServeBy(DeadlineWheel<Viewer>.Entry viewer, TimeSpan due) => _deadlines.ScheduleBy(viewer, due);

    /// <summary>A time that what need not be exact shares with others that are due about then: it is a little later.</summary>
    public static TimeSpan Together(TimeSpan due)
    {
        long ticks = due.Ticks + Shared.Ticks - 1;
        return TimeSpan.FromTicks(ticks - (ticks % Shared.Ticks));
    }

    /// <summary>Forgets a viewer's deadline. Called by the worker's own items.</summary>
    public void Forget(DeadlineWheel<Viewer>.Entry viewer) => _deadlines.Remove(viewer);

    /// <summary>Stops, when the viewers have left.</summary>
    public async ValueTask DisposeAsync()
    {
        _isStopping = true;
        _wake.SetUrgent();
        await _stopped.Task;
        await _timer.DisposeAsync();
    }

    private void Run()
    {
        while (!_isStopping)
        {
            long began = Stopwatch.GetTimestamp();
            for (int i = 0; i < ItemsAtOnce && _posted.TryDequeue(out var item); i++)
            {
                item.Run();
            }

            ServeDue();
            if (_posted.IsEmpty)
            {
                SetTimer();
                if (!_wake.Wait() && Stopwatch.GetElapsedTime(began) < _pause)
                {
                    _wake.Pause(_pause);
                }
            }
        }

        _stopped.SetResult();
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

    // May be early by the part of a millisecond: the loop looks, and sets it again.
    private void OnTimer()
    {
        _isTimerSet = false;
        _wake.Set();
    }
}
