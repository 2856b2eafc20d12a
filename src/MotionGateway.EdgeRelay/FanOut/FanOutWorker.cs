using System.Collections.Concurrent;
using MotionGateway.Feeds;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// Serves its share of the viewers from one loop: what is appended to their windows, what they acknowledged, what is due. A viewer
/// costs it no task and no timer.
/// </summary>
internal sealed class FanOutWorker : IAsyncDisposable
{
    // Deadlines are looked at in between, however much there is to send.
    private const int ItemsAtOnce = 256;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private readonly TimeProvider _timeProvider;
    private readonly long _origin;
    private readonly ConcurrentQueue<FanOutItem> _posted = new();
    private readonly AsyncSignal _wake = new();
    private readonly DeadlineWheel<Viewer> _deadlines = new(Tick);
    private readonly List<Viewer> _due = [];
    private readonly ITimer _timer;
    private readonly Task _running;
    private TimeSpan _timerDue;
    private volatile bool _isTimerSet;
    private volatile bool _isStopping;

    public FanOutWorker(TimeProvider timeProvider)
    {
        // Apart from whoever happens to come first.
        using var flow = ExecutionContext.SuppressFlow();
        _timeProvider = timeProvider;
        _origin = timeProvider.GetTimestamp();
        _timer = timeProvider.CreateTimer(
            static worker => ((FanOutWorker)worker!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _running = Task.Run(RunAsync);
    }

    /// <summary>The time since the worker began, by which its viewers' deadlines are set.</summary>
    public TimeSpan Now => _timeProvider.GetElapsedTime(_origin);

    public void Enqueue(FanOutItem item)
    {
        _posted.Enqueue(item);
        _wake.Set();
    }

    /// <summary>Sees to it that a viewer is served by a time. Called by the worker's own items.</summary>
    public void ServeBy(DeadlineWheel<Viewer>.Entry viewer, TimeSpan due) => _deadlines.ScheduleBy(viewer, due);

    /// <summary>Forgets a viewer's deadline. Called by the worker's own items.</summary>
    public void Forget(DeadlineWheel<Viewer>.Entry viewer) => _deadlines.Remove(viewer);

    /// <summary>Stops, when the viewers have left.</summary>
    public async ValueTask DisposeAsync()
    {
        _isStopping = true;
        _wake.Set();
        await _running;
        await _timer.DisposeAsync();
    }

    private async Task RunAsync()
    {
        while (!_isStopping)
        {
            for (int i = 0; i < ItemsAtOnce && _posted.TryDequeue(out var item); i++)
            {
                item.Run();
            }

            ServeDue();
            if (_posted.IsEmpty)
            {
                SetTimer();
                await _wake.WaitAsync();
            }
            else
            {
                await Task.Yield();
            }
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

    // May be early by the part of a millisecond: the loop looks, and sets it again.
    private void OnTimer()
    {
        _isTimerSet = false;
        _wake.Set();
    }
}
