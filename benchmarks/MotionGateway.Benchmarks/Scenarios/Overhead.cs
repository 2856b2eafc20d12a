namespace MotionGateway.Benchmarks;

/// <summary>
/// What gateway and relay add and cost while sessions speak at the pace of speech in chunks of 64 ms: time from a chunk's sending to its
/// audio and to its motion at a viewer of the relay, processor time and memory. Peers: the Motion Server's connection used directly, and
/// bare processes with the same hops.
/// </summary>
internal sealed class Overhead(int sessions) : IScenario
{
    public string Name => $"overhead-{sessions}";

    public string Description =>
        $"{sessions} sessions at the pace of speech, from a chunk's sending to a viewer of the relay, after 30 s of warm-up; "
        + "peers: motion over the Motion Server's connection itself, and the cost of floor";

    public async Task<object> RunAsync(string executable)
    {
        var direct = await DirectMotion.MeasureAsync(sessions);
        var floor = await Floor.MeasureAsync(sessions);
        using var deployment = await Deployment.StartAsync(executable);
        var subject = await new SpeechLoad(deployment, sessions).RunAsync();
        return new
        {
            Name,
            Description,
            Sessions = sessions,
            subject.AudioMs,
            SubjectMs = subject.MotionMs,
            PeerMs = direct,
            Ratio = Math.Round(subject.MotionMs.P50 / direct.P50, 3),
            AddedP50Ms = Math.Round(subject.MotionMs.P50 - direct.P50, 2),
            AddedP99Ms = Math.Round(subject.MotionMs.P99 - direct.P99, 2),
            CpuMsPerSessionSecond = subject.CpuMs,
            GatewayCpuMsPerSessionSecond = subject.GatewayCpuMs,
            RelayCpuMsPerSessionSecond = subject.RelayCpuMs,
            ColdCpuMsPerSessionSecond = subject.ColdCpuMs,
            CpuRatioToFloor = Math.Round(subject.CpuMs / floor.CpuMs, 2),
            GatewayCpuRatioToFloor = Math.Round(subject.GatewayCpuMs / floor.GatewayCpuMs, 2),
            RelayCpuRatioToFloor = Math.Round(subject.RelayCpuMs / floor.RelayCpuMs, 2),
            subject.GatewayWakeUpsPerPayload,
            subject.RelayWakeUpsPerPayload,
            subject.PayloadsPerSessionSecond,
            subject.MachineBusyPercent,
            LogKibPerSession = subject.LogKib,
            GatewayKibPerSession = subject.GatewayKib,
            RelayKibPerSession = subject.RelayKib,
            GatewayKibBesideLog = subject.GatewayKib - subject.LogKib,
            RelayKibBesideLog = subject.RelayKib - subject.LogKib,
            Floor = floor,
        };
    }
}
