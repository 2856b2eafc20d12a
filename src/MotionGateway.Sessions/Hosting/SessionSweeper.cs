namespace MotionGateway.Sessions;

/// <summary>Once a second lets go of what has been kept long enough: of logs, and of sessions that are closed.</summary>
internal sealed class SessionSweeper : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ISessionDirectory _directory;
    private readonly Func<int> _mostClosed;
    private readonly Func<Session, Task> _letGo;
    private readonly SessionEvents _events;
    private readonly TimeProvider _timeProvider;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _sweeping;

    /// <summary>Begins to sweep.</summary>
    /// <param name="directory">Where the sessions are.</param>
    /// <param name="mostClosed">Closed sessions that are kept at the most; the oldest go.</param>
    /// <param name="letGo">Lets go of a session; does not throw.</param>
    /// <param name="events">Is told of defects.</param>
    /// <param name="timeProvider">The clock.</param>
    public SessionSweeper(
        ISessionDirectory directory, Func<int> mostClosed, Func<Session, Task> letGo, SessionEvents events, TimeProvider timeProvider)
    {
        _directory = directory;
        _mostClosed = mostClosed;
        _letGo = letGo;
        _events = events;
        _timeProvider = timeProvider;
        _sweeping = SweepAsync();
    }

    /// <summary>Ends when the sweep that is under way has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _sweeping;
        _stopping.Dispose();
    }

    private async Task SweepAsync()
    {
        using var timer = new PeriodicTimer(Interval, _timeProvider);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                try
                {
                    await SweepOnceAsync();
                }
                catch (Exception defect)
                {
                    // The next sweep may do better; without one, closed sessions would stay for ever.
                    _events.SweepFailed(defect);
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The host is being disposed.
        }
    }

    private async Task SweepOnceAsync()
    {
        var closed = new List<Session>();
        foreach (var session in _directory.Owned)
        {
            Trim(session);
            if (session.IsClosed)
            {
                closed.Add(session);
            }
        }

        closed.Sort(static (one, other) => one.CreateTime.CompareTo(other.CreateTime));
        int tooMany = closed.Count - _mostClosed();
        await Task.WhenAll(closed.Where((session, index) => index < tooMany || session.IsExpired).Select(_letGo));
    }

    private void Trim(Session session)
    {
        try
        {
            session.Trim();
        }
        catch (Exception defect)
        {
            // Others must not be kept because of one.
            _events.Defect(defect, session.Id);
        }
    }
}
