namespace MotionGateway.EdgeRelay;

/// <summary>The workers, one a core; viewers go to them in turn.</summary>
internal sealed class FanOutWorkers(TimeProvider timeProvider) : IAsyncDisposable
{
    private readonly FanOutWorker[] _workers = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new FanOutWorker(timeProvider))];
    private uint _next;

    /// <summary>The worker for the next viewer.</summary>
    public FanOutWorker Next() => _workers[Interlocked.Increment(ref _next) % (uint)_workers.Length];

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
        {
            await worker.DisposeAsync();
        }
    }
}
