using Grpc.Net.ClientFactory;
using MotionGateway.Protocol;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// The connections over which feeds are followed: what is lost of one holds up the sessions of that one alone. Thread-safe.
/// </summary>
internal sealed class GatewayConnections(GrpcClientFactory clients)
{
    // With each further one fewer sessions wait for a lost segment, and fewer share a write or a read.
    private const int Fewest = 2;
    private const int Most = 4;

    private readonly EncodedFeedClient[] _clients = [.. Names.Select(clients.CreateClient<EncodedFeedClient>)];
    private uint _next;

    /// <summary>The names of the clients, each with a connection of its own: one a core.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. Enumerable.Range(1, Math.Clamp(Environment.ProcessorCount, Fewest, Most)).Select(number => $"feeds-{number}")];

    /// <summary>The client for the next feed. One that is opened again goes over another connection than the one that was lost.</summary>
    public EncodedFeedClient Next() => _clients[Interlocked.Increment(ref _next) % (uint)_clients.Length];
}
