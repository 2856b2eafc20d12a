using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MotionGateway.Chaos.Tests.World;

/// <summary>What the process holds that a leak would add to.</summary>
internal sealed class ProcessState : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    // Far fewer than the sessions of the shortest run: what each leaves behind is more.
    private const int Slack = 16;

    private readonly MeterListener _listener = new();
    private readonly RunningTasks _tasks = new();
    private readonly IReadOnlyDictionary<string, int> _tasksBefore;
    private readonly int _socketsBefore;
    private long _sessions;
    private long _legs;
    private long _held;
    private int _unobserved;

    public ProcessState()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name is "motiongateway.session.active" or "motiongateway.leg.active" or "motiongateway.session.memory.usage")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>(OnMeasured);
        _listener.Start();
        TaskScheduler.UnobservedTaskException += OnUnobserved;
        _tasksBefore = _tasks.Look();
        _socketsBefore = Sockets;
    }

    /// <summary>Open sockets of the process.</summary>
    public static int Sockets => Directory.EnumerateFiles("/proc/self/fd").Count(file => LinkTarget(file)?.StartsWith("socket:", StringComparison.Ordinal) == true);

    /// <summary>Waits until all that sessions hold has been let go of.</summary>
    public async Task AssertNothingIsHeldAsync(ChaosWorld world, int seed)
    {
        var watch = Stopwatch.StartNew();
        while (!IsNothingHeld(world) && watch.Elapsed < Patience)
        {
            await Task.Delay(100);
        }

        Assert.True(IsNothingHeld(world), $"MOTIONGATEWAY_SEED={seed}: still held after {Patience.TotalSeconds} s: {this}, {world.MotionServer.Server.Counters.ConnectionsOpen} connections at the Motion Server, hops {string.Join(' ', world.Hops.Select(hop => hop.ConnectionCount))}");
        while (Left().Length > 0 && watch.Elapsed < Patience)
        {
            await Task.Delay(100);
        }

        Assert.True(Left().Length == 0, $"MOTIONGATEWAY_SEED={seed}: {Left()}");
        CollectGarbage();
        Assert.Equal(0, Volatile.Read(ref _unobserved));
    }

    public override string ToString() =>
        $"{Interlocked.Read(ref _sessions)} open, {Interlocked.Read(ref _legs)} connections, {Interlocked.Read(ref _held) / 1024} KiB held, "
        + $"{Sockets} sockets, {_tasks.Count} tasks, {Process.GetCurrentProcess().HandleCount} handles, {ThreadPool.ThreadCount} threads, "
        + $"{GC.GetTotalMemory(forceFullCollection: false) / (1024 * 1024)} MiB, {Process.GetCurrentProcess().WorkingSet64 / (1024 * 1024)} MiB resident";

    public void Dispose()
    {
        TaskScheduler.UnobservedTaskException -= OnUnobserved;
        _listener.Dispose();
        _tasks.Dispose();
    }

    // What the sessions that are over have left.
    private string Left()
    {
        string tasks = _tasks.MoreThan(_tasksBefore, Slack);
        int sockets = Sockets;
        return sockets <= _socketsBefore + Slack ? tasks : $"{sockets} sockets, {_socketsBefore} before; {tasks}";
    }

    private static void CollectGarbage()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    private static string? LinkTarget(string file)
    {
        try
        {
            return new FileInfo(file).LinkTarget;
        }
        catch (IOException)
        {
            // Closed since it was listed.
            return null;
        }
    }

    private bool IsNothingHeld(ChaosWorld world) =>
        (Interlocked.Read(ref _sessions), Interlocked.Read(ref _legs), Interlocked.Read(ref _held)) == (0, 0, 0)
        && world.MotionServer.Server.Counters.ConnectionsOpen == 0;

    private void OnMeasured(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        ref long total = ref _held;
        if (instrument.Name == "motiongateway.session.active")
        {
            total = ref _sessions;
        }
        else if (instrument.Name == "motiongateway.leg.active")
        {
            total = ref _legs;
        }

        Interlocked.Add(ref total, value);
    }

    private void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs e) => Interlocked.Increment(ref _unobserved);
}
