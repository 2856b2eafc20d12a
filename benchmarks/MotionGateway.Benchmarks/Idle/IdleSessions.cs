namespace MotionGateway.Benchmarks;

/// <summary>What sessions cost that are open and silent: without viewers, and then with one each.</summary>
internal sealed class IdleSessions(int sessions) : IScenario
{
    // The first make the processes load and compile what they need.
    private const int Early = 50;
    private const int AtOnce = 50;

    // As long as the runtime compiles what opening was (docs/benchmarks.md); viewers, which say nothing, are cut off 45 s after they began.
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ViewersSettled = TimeSpan.FromSeconds(10);

    // Two intervals of heartbeats.
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(30);

    public string Name => "idle-sessions";

    public string Description =>
        $"{sessions} sessions that are open and silent, without viewers and with one each at the relay; peer: as many streams at the floor's bare processes";

    public async Task<object> RunAsync(string executable)
    {
        var (peer, peerViewed) = await MeasureAsync(await Deployment.StartFloorAsync());
        var (subject, viewed) = await MeasureAsync(await Deployment.StartAsync(executable));
        return new
        {
            Name,
            Description,
            Sessions = sessions,
            Subject = subject,
            SubjectViewed = viewed,
            Peer = peer,
            PeerViewed = peerViewed,
            Ratio = Math.Round(viewed.KibPerSession / peerViewed.KibPerSession, 2),
            MemoryRatio = Math.Round(viewed.KibPerSession / peerViewed.KibPerSession, 2),
            CpuRatio = Math.Round(viewed.PercentOfCore / peerViewed.PercentOfCore, 2),
        };
    }

    private async Task<(IdleCost Unviewed, IdleCost Viewed)> MeasureAsync(Deployment started)
    {
        using var deployment = started;
        List<SilentSession> open = [];
        await OpenAsync(deployment, open, Early);
        await WatchAsync(deployment, open);
        await Task.Delay(ViewersSettled);
        var (gatewayBytes, relayBytes) = (deployment.Gateway.ResidentBytes, deployment.Relay.ResidentBytes);
        await OpenAsync(deployment, open, sessions - Early);
        var unviewed = await MeasureAsync(deployment, gatewayBytes, relayBytes, Settled);
        await WatchAsync(deployment, open.Skip(Early));
        var viewed = await MeasureAsync(deployment, gatewayBytes, relayBytes, ViewersSettled);
        await Task.WhenAll(open.Select(session => session.DisposeAsync().AsTask()));
        return (unviewed, viewed);
    }

    private static async Task OpenAsync(Deployment deployment, List<SilentSession> open, int count)
    {
        foreach (int[] some in Enumerable.Range(0, count).Chunk(AtOnce))
        {
            open.AddRange(await Task.WhenAll(some.Select(_ => SilentSession.OpenAsync(deployment))));
        }
    }

    private static async Task WatchAsync(Deployment deployment, IEnumerable<SilentSession> open)
    {
        foreach (var some in open.Chunk(AtOnce))
        {
            await Task.WhenAll(some.Select(session => session.WatchAsync(deployment)));
        }
    }

    private async Task<IdleCost> MeasureAsync(Deployment deployment, long gatewayBytes, long relayBytes, TimeSpan settled)
    {
        await Task.Delay(settled);
        var (gateway, relay) = (deployment.Gateway.ProcessorTime, deployment.Relay.ProcessorTime);
        await Task.Delay(Measured);
        return new IdleCost(
            Percent(deployment.Gateway.ProcessorTime - gateway),
            Percent(deployment.Relay.ProcessorTime - relay),
            Kib(deployment.Gateway.ResidentBytes - gatewayBytes),
            Kib(deployment.Relay.ResidentBytes - relayBytes));
    }

    private static double Percent(TimeSpan used) => Math.Round(100 * (used / Measured), 2);

    private double Kib(long bytes) => Math.Round(bytes / 1024.0 / (sessions - Early), 1);
}
