using System.Diagnostics.Metrics;

namespace MotionGateway.MotionServer.Tests.Chaos;

/// <summary>What a process holds that a leak would add to.</summary>
internal sealed class ProcessState : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _activeConnections;
    private int _unobserved;

    public ProcessState()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == MotionServerTelemetry.Name && instrument.Name == "motion_server.client.active_connections")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref _activeConnections, value));
        _listener.Start();
        CollectGarbage();
        TaskScheduler.UnobservedTaskException += OnUnobserved;
    }

    /// <summary>Connections that the SDK says are open, more than at the start.</summary>
    public long ActiveConnections => Interlocked.Read(ref _activeConnections);

    /// <summary>Open sockets of the process; 0 where the system does not list them.</summary>
    public static int Sockets => Directory.Exists("/proc/self/fd")
        ? Directory.EnumerateFiles("/proc/self/fd").Count(file => LinkTarget(file)?.StartsWith("socket:", StringComparison.Ordinal) == true)
        : 0;

    /// <summary>Tasks that failed and whose failure nobody looked at; finds them by collecting garbage.</summary>
    public int CountUnobserved()
    {
        CollectGarbage();
        return Volatile.Read(ref _unobserved);
    }

    /// <summary>Collects what nothing holds, finalizers included.</summary>
    public static void CollectGarbage()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    public void Dispose()
    {
        TaskScheduler.UnobservedTaskException -= OnUnobserved;
        _listener.Dispose();
    }

    private void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs e) => Interlocked.Increment(ref _unobserved);

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
}
