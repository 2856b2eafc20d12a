namespace MotionGateway.Benchmarks;

/// <summary>
/// A local Motion Server as a process. Of this build always: whatever is compared is given the same motion.
/// </summary>
internal sealed class LocalMotionServerProcess : IDisposable
{
    private readonly ServiceProcess _process;

    private LocalMotionServerProcess(int port)
    {
        Port = port;
        _process = new ServiceProcess(
            ServiceProcess.OwnExecutable, "motion-server", $"--urls=http://127.0.0.1:{port}", "--set=MotionServer:MaxConnections=5000");
    }

    public int Port { get; }

    public Uri ConsoleUrl => new($"http://127.0.0.1:{Port}/v1/console");

    public Uri IngressUrl => new($"ws://127.0.0.1:{Port}/v2/driveningress");

    /// <summary>Starts one, and waits until it answers.</summary>
    public static async Task<LocalMotionServerProcess> StartAsync()
    {
        var process = new LocalMotionServerProcess(LocalPorts.Find(1)[0]);
        await LocalPorts.WaitUntilOpenAsync(process.Port);
        return process;
    }

    public void Dispose() => _process.Dispose();
}
