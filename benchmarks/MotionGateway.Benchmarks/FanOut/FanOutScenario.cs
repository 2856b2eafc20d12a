namespace MotionGateway.Benchmarks;

/// <summary>
/// The relay with many viewers beside a bare broadcast of the same bytes: what reaches viewers at saturation and what it costs, how late
/// it is at half of that, and what a viewer costs that is sent nothing.
/// </summary>
internal sealed class FanOutScenario(int sessions, int viewersPerSession) : IScenario
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    public string Name => sessions == 1 ? $"fanout-{viewersPerSession}" : $"fanout-{sessions}x{viewersPerSession}";

    public string Description => $"{sessions} sessions with {viewersPerSession} viewers each at the relay; peer: a bare Kestrel WebSocket broadcast";

    public async Task<object> RunAsync(string executable)
    {
        var peer = await MeasureAsync(await BareFanOut.StartAsync(sessions));
        var subject = await MeasureAsync(await RelayFanOut.StartAsync(executable, sessions), peer.MegabytesPerSecond / 2);
        return new
        {
            Name,
            Description,
            Subject = subject,
            Peer = peer,
            Ratio = Math.Round(subject.MegabytesPerSecond / peer.MegabytesPerSecond, 3),
            ThroughputRatio = Math.Round(subject.MegabytesPerSecond / peer.MegabytesPerSecond, 3),
            CpuRatio = Math.Round(subject.CpuMsPerMegabyte / peer.CpuMsPerMegabyte, 3),
            MemoryRatio = Math.Round(subject.KibPerIdleViewer / peer.KibPerIdleViewer, 3),
            LagP99Ratio = Math.Round(subject.LagMs.P99 / peer.LagMs.P99, 3),
            SameLoadLagP99Ratio = Math.Round(subject.SameLoadLagMs!.P99 / peer.LagMs.P99, 3),
        };
    }

    private async Task<Result> MeasureAsync(IFanOutSystem system, double? peersLoad = null)
    {
        await using var load = new FanOutLoad(system, sessions, viewersPerSession);
        double kib = await load.ConnectAsync() / 1024.0;
        double idle = await load.MeasureIdleAsync(Idle);
        var (bytesPerSecond, processorMs) = await load.SaturateAsync();
        var lag = await load.MeasureLagAsync(bytesPerSecond / 2);
        var sameLoadLag = peersLoad is { } megabytes ? await load.MeasureLagAsync(megabytes * 1e6) : null;
        return new Result(
            Math.Round(bytesPerSecond / 1e6, 1), Math.Round(processorMs * 1e6, 2), Math.Round(kib, 1), Math.Round(100 * idle, 2), lag, sameLoadLag);
    }

    /// <summary>What one system did.</summary>
    /// <param name="MegabytesPerSecond">Delivered at saturation, all viewers together.</param>
    /// <param name="CpuMsPerMegabyte">Processor time of its process for a delivered megabyte.</param>
    /// <param name="KibPerIdleViewer">Resident memory that a viewer adds.</param>
    /// <param name="IdlePercentOfCore">Processor time while nothing is sent.</param>
    /// <param name="LagMs">From sending to arrival at half of its own saturation.</param>
    /// <param name="SameLoadLagMs">The same at half of the peer's saturation; null for the peer.</param>
    private sealed record Result(
        double MegabytesPerSecond, double CpuMsPerMegabyte, double KibPerIdleViewer, double IdlePercentOfCore, Percentiles LagMs,
        Percentiles? SameLoadLagMs);
}
