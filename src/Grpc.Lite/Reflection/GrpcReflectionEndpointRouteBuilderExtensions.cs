using Grpc.Reflection;
using Microsoft.AspNetCore.Routing;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps gRPC reflection to endpoints.</summary>
public static class GrpcReflectionEndpointRouteBuilderExtensions
{
    /// <summary>Maps reflection in both of its versions, v1 and v1alpha.</summary>
    /// <param name="builder">The application's routes.</param>
    public static IEndpointConventionBuilder MapGrpcReflectionService(this IEndpointRouteBuilder builder) => new GrpcServiceEndpointConventionBuilder(
    [
        builder.MapGrpcService<ReflectionService>(),
        builder.MapGrpcService<ReflectionV1AlphaService>(),
    ]);
}
