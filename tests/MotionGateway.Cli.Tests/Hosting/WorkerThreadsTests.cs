using MotionGateway.Cli.Hosting;
using MotionGateway.Testing;

namespace MotionGateway.Cli.Tests.Hosting;

public sealed class WorkerThreadsTests
{
    private const int Processors = 2;

    private readonly FakePool _pool = new();

    [Fact]
    public void Begin_OneThreadIsUsed()
    {
        using var workers = new WorkerThreads(_pool, Processors);

        Assert.Equal([1], _pool.Uses);
    }

    [Fact]
    public void Dispose_ThePoolHasAThreadForEachProcessorAsByDefault()
    {
        new WorkerThreads(_pool, Processors).Dispose();

        Assert.Equal([1, Processors], _pool.Uses);
    }

    [Fact]
    public async Task Watch_AThreadIsBlocked_OneMoreIsUsedUntilItIsDisposedOf()
    {
        _pool.Waiting = 1;

        using (WorkerThreads.Watch(_pool, Processors))
        {
            await Eventually.TrueAsync(() => _pool.Latest > 1);
        }

        Assert.Equal(Processors, _pool.Latest);
    }

    [Fact]
    public void Look_WorkIsDoneAndSomeWaits_NoMoreAreUsed()
    {
        using var workers = new WorkerThreads(_pool, Processors);

        Look(workers, TimeSpan.FromSeconds(1), cores: 0.5, waiting: 5, donePerLook: 1);

        Assert.Equal(1, workers.Count);
    }

    [Fact]
    public void Look_WorkWaitsAndNoneIsDone_OneMoreIsUsedByTheNextLook()
    {
        using var workers = new WorkerThreads(_pool, Processors);

        Look(workers, WorkerThreads.LookInterval, waiting: 1, donePerLook: 0);

        Assert.Equal([1, 2], _pool.Uses);
    }

    [Fact]
    public void Look_NothingWaitsAndNoneIsDone_NoMoreAreUsed()
    {
        using var workers = new WorkerThreads(_pool, Processors);

        Look(workers, TimeSpan.FromSeconds(2), waiting: 0, donePerLook: 0);

        Assert.Equal(1, workers.Count);
    }

    [Fact]
    public void Look_AllThreadsStayBlocked_EachLookAddsOneAndThenThePoolIsLeftAlone()
    {
        using var workers = new WorkerThreads(_pool, Processors);

        Look(workers, TimeSpan.FromSeconds(20), waiting: 1, donePerLook: 0);

        // What the pool adds by itself after that must not be taken away from it.
        Assert.Equal(Enumerable.Range(1, Processors + 16), _pool.Uses);
        Assert.Equal(Processors + 16, workers.Count);
    }

    [Fact]
    public void Look_OneProcessorIsNotEnough_OneMoreIsUsedWithinAQuarterOfASecond()
    {
        using var workers = new WorkerThreads(_pool, Processors);

        Look(workers, TimeSpan.FromMilliseconds(250), cores: 0.95);

        Assert.Equal(2, workers.Count);
    }

    [Fact]
    public void Look_ABurstShorterThanTheWindow_NoMoreAreUsed()
    {
        using var workers = new WorkerThreads(_pool, Processors);

        Look(workers, TimeSpan.FromMilliseconds(100), cores: 1);
        Look(workers, TimeSpan.FromMilliseconds(150), cores: 0.2);

        Assert.Equal(1, workers.Count);
    }

    [Fact]
    public void Look_BothAreNeededForAWhile_BothStay()
    {
        using var workers = new WorkerThreads(_pool, Processors);

        Look(workers, TimeSpan.FromSeconds(30), cores: 1.2);

        Assert.Equal(2, workers.Count);
        Assert.DoesNotContain(3, _pool.Uses);
    }

    [Fact]
    public void Look_LoadFalls_OneLessIsUsedAfterAWhileAndNotBefore()
    {
        using var workers = new WorkerThreads(_pool, Processors);
        Look(workers, TimeSpan.FromMilliseconds(250), cores: 1.5);

        Look(workers, WorkerThreads.Patience - TimeSpan.FromMilliseconds(500), cores: 0.2);
        Assert.Equal(2, workers.Count);
        Look(workers, TimeSpan.FromSeconds(1), cores: 0.2);

        Assert.Equal(1, workers.Count);
    }

    [Fact]
    public void Look_OnTheWholeBothAreNeeded_BothStay()
    {
        using var workers = new WorkerThreads(_pool, Processors);
        Look(workers, TimeSpan.FromMilliseconds(250), cores: 1.5);

        for (int i = 0; i < 20; i++)
        {
            Look(workers, TimeSpan.FromSeconds(1), cores: 0.2);
            Look(workers, TimeSpan.FromSeconds(1), cores: 1.1);
        }

        Assert.Equal(2, workers.Count);
        Assert.DoesNotContain(1, _pool.Uses[1..]);
    }

    [Fact]
    public void Look_AllProcessorsAreFull_NoMoreThreadsThanProcessorsAreUsed()
    {
        using var workers = new WorkerThreads(_pool, Processors);

        Look(workers, TimeSpan.FromSeconds(30), cores: 2);

        Assert.Equal(Processors, workers.Count);
    }

    [Fact]
    public void Look_OneIsBlockedWhileProcessorsAreFull_WhatIsBlockedIsNotCountedAgainstThem()
    {
        using var workers = new WorkerThreads(_pool, Processors);
        Look(workers, TimeSpan.FromMilliseconds(250), cores: 2);
        Look(workers, WorkerThreads.LookInterval, cores: 0, waiting: 1, donePerLook: 0);

        Look(workers, TimeSpan.FromSeconds(3), cores: 2);

        Assert.Equal(Processors + 1, workers.Count);
    }

    [Fact]
    public void Look_OneIsEnough_ThreadsThatThePoolAddedAreTakenBack()
    {
        using var workers = new WorkerThreads(_pool, Processors);

        Look(workers, WorkerThreads.Patience, cores: 0.3);

        // Once more: that is what takes them back.
        Assert.Equal([1, 1], _pool.Uses);
    }

    private void Look(WorkerThreads workers, TimeSpan time, double cores = 0.1, long waiting = 0, long donePerLook = 3)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += WorkerThreads.LookInterval)
        {
            _pool.Waiting = waiting;
            _pool.Done += donePerLook;
            _pool.ProcessorTime += WorkerThreads.LookInterval * cores;
            workers.Look(WorkerThreads.LookInterval);
        }
    }

    private sealed class FakePool : IWorkerPool
    {
        public List<int> Uses { get; } = [];

        public long Waiting { get; set; }

        public long Done { get; set; }

        public TimeSpan ProcessorTime { get; set; }

        public int Latest { get; private set; }

        public void Use(int workers)
        {
            Uses.Add(workers);
            Latest = workers;
        }
    }
}
