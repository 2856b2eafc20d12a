namespace MotionGateway.Cli.Hosting;

/// <summary>The runtime's thread pool. Where the runtime's own configuration fixes the number of its threads, that holds.</summary>
internal sealed class RuntimeWorkerPool : IWorkerPool
{
    public long Waiting => ThreadPool.PendingWorkItemCount;

    public long Done => ThreadPool.CompletedWorkItemCount;

    public TimeSpan ProcessorTime => Environment.CpuUsage.TotalTime;

    public void Use(int workers)
    {
        ThreadPool.GetMinThreads(out _, out int minPorts);
        ThreadPool.GetMaxThreads(out int max, out int maxPorts);
        ThreadPool.SetMinThreads(workers, minPorts);

        // To lower the least leaves those at work that work; to lower the most for a moment does not.
        ThreadPool.SetMaxThreads(workers, maxPorts);
        ThreadPool.SetMaxThreads(max, maxPorts);
    }
}
