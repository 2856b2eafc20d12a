using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace MotionGateway.Protocol;

/// <summary>Clients of a gateway for a service that lives long.</summary>
public static class GatewayClients
{
    /// <summary>Adds a client, with the settings of <see cref="GatewayChannel"/> and a channel that lives as long as the service.</summary>
    /// <typeparam name="TClient">The client, such as <see cref="EncodedFeedClient"/>.</typeparam>
    /// <param name="services">Takes it.</param>
    /// <param name="address">The gateway's.</param>
    /// <param name="name">The client's: each name has connections of its own.</param>
    public static IHttpClientBuilder AddGatewayClient<TClient>(this IServiceCollection services, Uri address, string name)
        where TClient : ClientBase =>
        services.AddGrpcClient<TClient>(name, client => client.Address = address)
            // They would tell the headers of each call, credentials among them.
            .RemoveAllLoggers()
            .ConfigurePrimaryHttpMessageHandler(GatewayChannel.CreateHandler)
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan);
}
