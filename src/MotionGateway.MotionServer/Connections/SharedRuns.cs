namespace MotionGateway.MotionServer;

/// <summary>
/// Work that several callers want at the same time is done once, for all of them. A caller who gives up leaves it running
/// for the others; disposing ends it and waits for its end.
/// </summary>
internal sealed class SharedRuns<T> : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (Task<T> Work, Task End)> _runs = [];
    private readonly CancellationTokenSource _stopping = new();
    private bool _isDisposed;

    /// <summary>Waits for the run with that key, which is started when none is under way.</summary>
    /// <param name="key">What the run is for; one of few, since a key is kept.</param>
    /// <param name="run">The work, which is no caller's own; ends when its token is cancelled.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task<T> JoinAsync(string key, Func<CancellationToken, Task<T>> run, CancellationToken cancellationToken)
    {
        (Task<T> Work, Task End) joined;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_runs.TryGetValue(key, out joined) || joined.Work.IsCompleted)
            {
                Task<T> work = BackgroundTask.Run(() => run(_stopping.Token));
                joined = (work, EndAsync(work));
                _runs[key] = joined;
            }
        }

        return joined.Work.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Task[] ends;
        lock (_lock)
        {
            _isDisposed = true;
            ends = [.. _runs.Values.Select(run => run.End)];
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(ends).ConfigureAwait(false);
    }

    // A failure that no caller has waited for is nobody's: awaiting it here observes it.
    private static async Task EndAsync(Task work) => await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
