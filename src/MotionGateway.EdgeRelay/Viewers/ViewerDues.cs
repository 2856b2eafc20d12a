using System.Runtime.CompilerServices;

namespace MotionGateway.EdgeRelay;

/// <summary>By when each of the things is due that a viewer can be late with. Times are the worker's.</summary>
internal sealed class ViewerDues
{
    // The last of them counts.
    private const int Kinds = (int)ViewerDue.Heartbeat + 1;

    private Times _times;

    public ViewerDues() => ClearAll();

    /// <summary>When the first of them is due; <see cref="TimeSpan.MaxValue"/> when nothing is.</summary>
    public TimeSpan Next
    {
        get
        {
            // Asked each time that a viewer is served: a query would allocate.
            var next = TimeSpan.MaxValue;
            foreach (var time in _times)
            {
                next = time < next ? time : next;
            }

            return next;
        }
    }

    public bool IsSet(ViewerDue due) => _times[(int)due] != TimeSpan.MaxValue;

    public void Set(ViewerDue due, TimeSpan time) => _times[(int)due] = time;

    /// <summary>Sets it, unless it is due sooner.</summary>
    public void SetBy(ViewerDue due, TimeSpan time) => _times[(int)due] = TimeSpan.FromTicks(Math.Min(_times[(int)due].Ticks, time.Ticks));

    public void Clear(ViewerDue due) => _times[(int)due] = TimeSpan.MaxValue;

    public void ClearAll() => ((Span<TimeSpan>)_times).Fill(TimeSpan.MaxValue);

    /// <summary>Takes one that is due; <see cref="ViewerDue.None"/> when nothing is.</summary>
    public ViewerDue Take(TimeSpan now)
    {
        for (int i = 0; i < Kinds; i++)
        {
            if (_times[i] <= now)
            {
                _times[i] = TimeSpan.MaxValue;
                return (ViewerDue)i;
            }
        }

        return ViewerDue.None;
    }

    [InlineArray(Kinds)]
    private struct Times
    {
        private TimeSpan _first;
    }
}
