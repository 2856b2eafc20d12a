using MotionGateway.Cli.Hosting;

namespace MotionGateway.Cli.Tests.Hosting;

/// <summary>Of the pool that these tests run on as well: it is left as it was.</summary>
public sealed class RuntimeWorkerPoolTests : IDisposable
{
    private readonly (int Workers, int Ports) _least = GetLeast();
    private readonly (int Workers, int Ports) _most = GetMost();

    [Fact]
    public void Use_FewerThanBefore_IsTheLeastAndTheMostIsAsItWas()
    {
        var pool = new RuntimeWorkerPool();

        pool.Use(_least.Workers + 3);
        pool.Use(_least.Workers + 1);

        Assert.Equal((_least.Workers + 1, _least.Ports), GetLeast());
        Assert.Equal(_most, GetMost());
    }

    [Fact]
    public async Task Counts_WorkIsDone_IsCountedAndTakesProcessorTime()
    {
        var pool = new RuntimeWorkerPool();
        long done = pool.Done;
        var used = pool.ProcessorTime;

        await Task.Run(() => Enumerable.Range(0, 3_000_000).Aggregate(0L, (sum, next) => sum ^ (next * sum)));
        await Task.Run(() => { });

        Assert.InRange(pool.Done, done + 1, long.MaxValue);
        Assert.True(pool.ProcessorTime > used);
        Assert.InRange(pool.Waiting, 0, long.MaxValue);
    }

    public void Dispose()
    {
        ThreadPool.SetMinThreads(_least.Workers, _least.Ports);
        ThreadPool.SetMaxThreads(_most.Workers, _most.Ports);
    }

    private static (int Workers, int Ports) GetLeast()
    {
        ThreadPool.GetMinThreads(out int workers, out int ports);
        return (workers, ports);
    }

    private static (int Workers, int Ports) GetMost()
    {
        ThreadPool.GetMaxThreads(out int workers, out int ports);
        return (workers, ports);
    }
}
