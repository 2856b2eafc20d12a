namespace MotionGateway.Benchmarks;

/// <summary>What sessions that speak cost, in the gateway's and the relay's place.</summary>
/// <param name="AudioMs">From a chunk's sending to its audio at a viewer.</param>
/// <param name="MotionMs">The same, to its motion.</param>
/// <param name="GatewayCpuMs">Milliseconds of processor time a second of a session.</param>
/// <param name="RelayCpuMs">The same, of the relay.</param>
/// <param name="GatewayColdCpuMs">The same, of the warm-up.</param>
/// <param name="RelayColdCpuMs">The same, of the relay in the warm-up.</param>
/// <param name="GatewayWakeUpsPerPayload">How often threads were woken for a payload at a viewer.</param>
/// <param name="RelayWakeUpsPerPayload">The same, of the relay.</param>
/// <param name="PayloadsPerSessionSecond">Payloads at a viewer in a second.</param>
/// <param name="MachineBusyPercent">How busy the machine was in all, the load included.</param>
/// <param name="LogKib">Bytes in the gateway's log a session.</param>
/// <param name="GatewayKib">Resident memory that a session added, the log included.</param>
/// <param name="RelayKib">The same, of the relay.</param>
internal sealed record SpeechCost(
    Percentiles AudioMs,
    Percentiles MotionMs,
    double GatewayCpuMs,
    double RelayCpuMs,
    double GatewayColdCpuMs,
    double RelayColdCpuMs,
    double GatewayWakeUpsPerPayload,
    double RelayWakeUpsPerPayload,
    double PayloadsPerSessionSecond,
    double MachineBusyPercent,
    long LogKib,
    long GatewayKib,
    long RelayKib)
{
    /// <summary>Both processes.</summary>
    public double CpuMs => Math.Round(GatewayCpuMs + RelayCpuMs, 2);

    /// <summary>Both processes in the warm-up.</summary>
    public double ColdCpuMs => Math.Round(GatewayColdCpuMs + RelayColdCpuMs, 2);
}
