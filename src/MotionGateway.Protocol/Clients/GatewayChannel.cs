using Grpc.Net.Client;

namespace MotionGateway.Protocol;

/// <summary>What a gRPC channel to a gateway needs for many long streams.</summary>
public static class GatewayChannel
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(20);

    // What a stream that is not read may hold of a connection, whose window is 64 MiB in .NET: a hundred harm no other.
    private const int StreamWindowBytes = 512 * 1024;

    /// <summary>Makes a channel for one command or test; a service takes its clients from a factory.</summary>
    /// <param name="address">Such as <c>http://127.0.0.1:50051</c>.</param>
    /// <param name="handler">What makes its connections, made of <see cref="CreateHandler"/>'s; null for that itself.</param>
    /// <returns>The channel; to be disposed of, which disposes of the handler.</returns>
    public static GrpcChannel ForAddress(Uri address, HttpMessageHandler? handler = null) => GrpcChannel.ForAddress(
        address, new GrpcChannelOptions { HttpHandler = handler ?? CreateHandler(), DisposeHttpClient = true });

    /// <summary>
    /// Makes a handler: streams beyond what the gateway takes on one connection use another, a peer that froze is noticed, and
    /// idle connections stay.
    /// </summary>
    public static SocketsHttpHandler CreateHandler() => new()
    {
        EnableMultipleHttp2Connections = true,
        ConnectTimeout = ConnectTimeout,
        InitialHttp2StreamWindowSize = StreamWindowBytes,
        KeepAlivePingDelay = PingInterval,
        KeepAlivePingTimeout = PingInterval,
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
    };
}
