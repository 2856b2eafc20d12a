using Grpc.Reflection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds gRPC reflection to an application's services.</summary>
public static class GrpcReflectionServiceExtensions
{
    /// <summary>Adds gRPC reflection.</summary>
    /// <param name="services">The application's services.</param>
    public static IServiceCollection AddGrpcReflection(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton<SymbolRegistry>();
        return services;
    }
}
