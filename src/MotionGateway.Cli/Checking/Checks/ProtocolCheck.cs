using System.Globalization;
using Grpc.Core;
using Grpc.Health.V1;
using MotionGateway.Cli.Output;

namespace MotionGateway.Cli.Checking.Checks;

/// <summary>What listens there speaks gRPC, and is a gateway.</summary>
internal sealed class ProtocolCheck(Peer peer, Health.HealthClient client) : ICheck
{
    public string Name => CheckNames.Protocol(peer.Name);

    public IReadOnlyList<string> Needs => [CheckNames.Address(peer.Name), CheckNames.Certificate(peer.Name)];

    public async Task<CheckFinding> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await client.CheckAsync(new HealthCheckRequest(), cancellationToken: cancellationToken);
            return CheckFinding.Ok("gRPC");
        }
        catch (RpcException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CheckFailedException($"No gateway answers at {peer.Authority}.", Failures.Describe(failure));
        }
    }

    /// <summary>Reads the date of an answer.</summary>
    public async Task<DateTimeOffset?> ReadDateAsync(CancellationToken cancellationToken)
    {
        using var call = client.CheckAsync(new HealthCheckRequest(), cancellationToken: cancellationToken);
        var headers = await call.ResponseHeadersAsync;
        await call.ResponseAsync;
        return DateTimeOffset.TryParse(headers.GetValue("date"), CultureInfo.InvariantCulture, out var date) ? date : null;
    }
}
