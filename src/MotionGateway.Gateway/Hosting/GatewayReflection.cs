using Google.Rpc;
using Grpc.Health.V1;
using Grpc.Reflection;
using ReflectionV1 = Grpc.Reflection.V1;
using ReflectionV1Alpha = Grpc.Reflection.V1Alpha;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace MotionGateway.Gateway;

/// <summary>
/// Reflection of the services, in the two versions that tools ask for. The details of errors are in no method's messages: they
/// are added, so that a tool can show them.
/// </summary>
internal static class GatewayReflection
{
    /// <summary>Adds reflection of some services, of health and of itself.</summary>
    public static void AddGatewayReflection(this IServiceCollection services, params ServiceDescriptor[] described)
    {
        ServiceDescriptor[] all =
        [
            .. described, Health.Descriptor, ReflectionV1.ServerReflection.Descriptor, ReflectionV1Alpha.ServerReflection.Descriptor,
        ];
        var names = all.Select(service => service.FullName).ToArray();
        var symbols = SymbolRegistry.FromFiles(
            [.. all.Select(service => service.File), StatusReflection.Descriptor, ErrorDetailsReflection.Descriptor]);
        services.AddSingleton(new ReflectionServiceImpl(names, symbols));
        services.AddSingleton(new ReflectionV1ServiceImpl(names, symbols));
        services.AddGrpcReflection();
    }
}
