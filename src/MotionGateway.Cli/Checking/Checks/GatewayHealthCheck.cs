using Grpc.Health.V1;

namespace MotionGateway.Cli.Checking.Checks;

/// <summary>The gateway takes new sessions, by what it tells balancers.</summary>
internal sealed class GatewayHealthCheck(Peer peer, Health.HealthClient client) : ICheck
{
    public string Name => CheckNames.Health(peer.Name);

    public IReadOnlyList<string> Needs => [CheckNames.Protocol(peer.Name)];

    public async Task<CheckFinding> RunAsync(CancellationToken cancellationToken)
    {
        var answer = await client.CheckAsync(new HealthCheckRequest(), cancellationToken: cancellationToken);
        return answer.Status == HealthCheckResponse.Types.ServingStatus.Serving ? CheckFinding.Ok("serving")
            : throw new CheckFailedException(
                "The gateway takes no new sessions: it is full, or shuts down.",
                "Wait until sessions have ended, raise Gateway:MaxSessions, or name another gateway with --gateway.");
    }
}
