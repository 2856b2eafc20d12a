namespace MotionGateway.Benchmarks;

/// <summary>What viewers cost that are sent nothing but heartbeats.</summary>
internal sealed class IdleViewers(int sessions, int viewersPerSession) : IScenario
{
    // More than one interval of heartbeats.
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(30);

    public string Name => "fanout-idle";

    public string Description =>
        $"{sessions * viewersPerSession} viewers of {sessions} sessions that nobody speaks in, at the relay; peer: at a bare Kestrel";

    public async Task<object> RunAsync(string executable)
    {
        var peer = await MeasureAsync(await BareFanOut.StartAsync(sessions));
        var subject = await MeasureAsync(await RelayFanOut.StartAsync(executable, sessions));
        return new
        {
            Name,
            Description,
            Subject = subject,
            Peer = peer,
            Ratio = Math.Round(subject.KibPerViewer / peer.KibPerViewer, 3),
            MemoryRatio = Math.Round(subject.KibPerViewer / peer.KibPerViewer, 3),
            CpuRatio = Math.Round(subject.PercentOfCore / peer.PercentOfCore, 3),
        };
    }

    private async Task<Result> MeasureAsync(IFanOutSystem system)
    {
        await using var load = new FanOutLoad(system, sessions, viewersPerSession);
        double kib = await load.ConnectAsync() / 1024.0;
        double idle = await load.MeasureIdleAsync(Measured);
        double micros = idle * 1e6 / (sessions * viewersPerSession);
        return new Result(Math.Round(kib, 1), Math.Round(100 * idle, 2), Math.Round(micros, 2));
    }

    /// <summary>What one system cost.</summary>
    /// <param name="KibPerViewer">Resident memory that a viewer adds.</param>
    /// <param name="PercentOfCore">Processor time of all of them.</param>
    /// <param name="CpuMicrosPerViewerSecond">The same, of one of them.</param>
    private sealed record Result(double KibPerViewer, double PercentOfCore, double CpuMicrosPerViewerSecond);
}
