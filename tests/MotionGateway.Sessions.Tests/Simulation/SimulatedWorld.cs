using System.Diagnostics;

namespace MotionGateway.Sessions.Tests.Simulation;

/// <summary>
/// A thread and a clock of its own: what awaits within it goes on in one order, the same in each run, and time passes only when all
/// is done that can be done. Nothing sleeps.
/// </summary>
internal sealed class SimulatedWorld : SynchronizationContext
{
    private const int MostAtOnce = 100_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Queue<(SendOrPostCallback Callback, object? State)> _posted = new();
    private readonly SimulatedTime _time = new();
    private readonly long _start;

    public SimulatedWorld() => _start = _time.GetTimestamp();

    public TimeProvider Time => _time;

    /// <summary>Time since the beginning.</summary>
    public TimeSpan Now => _time.GetElapsedTime(_start);

    /// <summary>Called when all is done that can be done at a moment.</summary>
    public Action? OnSettled { get; set; }

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_posted)
        {
            _posted.Enqueue((d, state));
            Monitor.PulseAll(_posted);
        }
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();

    /// <summary>Does something, and all that follows from it at this moment.</summary>
    public void Do(Action action)
    {
        using (Enter())
        {
            action();
            Settle();
        }
    }

    /// <summary>Does something whose end may need what other threads do; time stands still.</summary>
    public T Finish<T>(Func<Task<T>> action)
    {
        using (Enter())
        {
            var task = action();
            var watch = Stopwatch.StartNew();
            while (!task.IsCompleted)
            {
                Settle();
                lock (_posted)
                {
                    if (!task.IsCompleted && _posted.Count == 0)
                    {
                        Monitor.Wait(_posted, 1);
                    }
                }

                Assert.True(watch.Elapsed < Patience, "It does not end without time passing.");
            }

            Settle();
            return task.GetAwaiter().GetResult();
        }
    }

    /// <inheritdoc cref="Finish{T}"/>
    public void Finish(Func<Task> action) => Finish(async () =>
    {
        await action();
        return true;
    });

    /// <summary>Lets time pass, from timer to timer.</summary>
    public void Pass(TimeSpan time)
    {
        using (Enter())
        {
            Settle();
            var left = time;
            for (long steps = 0; ; steps++)
            {
                Assert.True(steps < MostAtOnce + (time.TotalMilliseconds * 10), "A timer fires again and again.");
                var step = _time.UntilNext is { } next && next < left ? next : left;
                _time.Advance(step < TimeSpan.Zero ? TimeSpan.Zero : step);
                left -= step;
                Settle();
                if (left <= TimeSpan.Zero)
                {
                    return;
                }
            }
        }
    }

    /// <summary>Lets so many milliseconds pass.</summary>
    public void Pass(double milliseconds) => Pass(TimeSpan.FromMilliseconds(milliseconds));

    /// <summary>Lets time pass until something holds.</summary>
    /// <returns>Whether it came to hold within the time.</returns>
    public bool PassUntil(Func<bool> condition, TimeSpan most)
    {
        var end = Now + most;
        while (!condition())
        {
            if (Now >= end)
            {
                return false;
            }

            var next = _time.UntilNext ?? most;
            var left = end - Now;
            Pass(next < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : next < left ? next : left);
        }

        return true;
    }

    private Entered Enter()
    {
        var before = Current;
        SetSynchronizationContext(this);
        return new Entered(before);
    }

    private void Settle()
    {
        for (int i = 0; TryTake(out var posted); i++)
        {
            Assert.True(i < MostAtOnce, "Something goes round without time passing.");
            posted.Callback(posted.State);
        }

        OnSettled?.Invoke();
    }

    private bool TryTake(out (SendOrPostCallback Callback, object? State) posted)
    {
        lock (_posted)
        {
            return _posted.TryDequeue(out posted);
        }
    }

    private readonly struct Entered(SynchronizationContext? before) : IDisposable
    {
        public void Dispose() => SetSynchronizationContext(before);
    }
}
