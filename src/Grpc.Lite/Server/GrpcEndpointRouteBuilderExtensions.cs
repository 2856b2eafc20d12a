using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps gRPC services to endpoints.</summary>
public static class GrpcEndpointRouteBuilderExtensions
{
    /// <summary>Maps the methods of a service.</summary>
    /// <typeparam name="TService">The class that implements it, derived from a generated base class.</typeparam>
    /// <param name="builder">The application's routes.</param>
    /// <exception cref="InvalidOperationException"><c>AddGrpc</c> was not called, or the class cannot be bound.</exception>
    public static GrpcServiceEndpointConventionBuilder MapGrpcService<TService>(this IEndpointRouteBuilder builder)
        where TService : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        var unimplemented = builder.ServiceProvider.GetService<UnimplementedEndpoints>()
            ?? throw new InvalidOperationException("Unable to find the required services: call IServiceCollection.AddGrpc in the application's startup.");
        var binder = new GrpcMethodBinder<TService>(builder);
        binder.Bind();
        foreach (var serviceName in binder.ServiceNames)
        {
            unimplemented.MapMethods(builder, serviceName);
        }

        unimplemented.MapServices(builder);
        return new GrpcServiceEndpointConventionBuilder(binder.Endpoints);
    }
}
