namespace MotionGateway.Benchmarks;

/// <summary>What sessions cost that are silent, in the gateway's and the relay's place.</summary>
/// <param name="GatewayPercentOfCore">Processor time of all of them.</param>
/// <param name="RelayPercentOfCore">The same, of the relay.</param>
/// <param name="GatewayKibPerSession">Resident memory that a session adds.</param>
/// <param name="RelayKibPerSession">The same, of the relay.</param>
internal sealed record IdleCost(double GatewayPercentOfCore, double RelayPercentOfCore, double GatewayKibPerSession, double RelayKibPerSession)
{
    /// <summary>Both processes.</summary>
    public double PercentOfCore => Math.Round(GatewayPercentOfCore + RelayPercentOfCore, 2);

    /// <summary>Both processes.</summary>
    public double KibPerSession => Math.Round(GatewayKibPerSession + RelayKibPerSession, 1);
}
