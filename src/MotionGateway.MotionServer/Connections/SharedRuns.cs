namespace MotionGateway.MotionServer;

/// <summary>
/// Work that several callers want at the same time is done once, for all of them. A caller who gives up leaves it running
/// for the others; disposing ends it and waits for its end.
/// </summary>
internal sealed class SharedRuns<T> : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Task<T>> _runs = [];
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Waits for the run with that key, which is started when none is under way.</summary>
    /// <param name="key">What the run is for; one of few, since a key is kept.</param>
    /// <param name="run">The work; ends when its token is cancelled.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task<T> JoinAsync(string key, Func<CancellationToken, Task<T>> run, CancellationToken cancellationToken)
    {
        Task<T>? joined;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, this);
            if (!_runs.TryGetValue(key, out joined) || joined.IsCompleted)
            {
                joined = Task.Run(() => run(_stopping.Token), CancellationToken.None);
                _runs[key] = joined;
                // A failure that no caller has waited for is nobody's.
                _ = joined.ContinueWith(
                    static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }

        return joined.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Task[] runs;
        lock (_lock)
        {
            _stopping.Cancel();
            runs = [.. _runs.Values];
        }

        foreach (Task run in runs)
        {
            await run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
