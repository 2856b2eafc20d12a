using Grpc.AspNetCore.HealthChecks;
using MotionGateway.Protocol;

namespace MotionGateway.Gateway;

/// <summary>The services whose health is told. What restarting or calling another gateway does not mend changes none but its own.</summary>
internal static class ServedHealth
{
    /// <summary>The gateway: whether it takes sessions.</summary>
    public const string Gateway = "";

    /// <summary>The Motion Server: whether it can be reached.</summary>
    public const string MotionServer = "motion-server";

    private const string GatewayCheck = "gateway";

    /// <summary>New speech: whether both are well.</summary>
    public static string Speech => EncodedSpeechService.Descriptor.FullName;

    public static void Add(IServiceCollection services) => services
        .AddGrpcHealthChecks(Map)
        .AddCheck<ReadinessCheck>(GatewayCheck)
        .AddCheck<MotionServerCheck>(MotionServer);

    private static void Map(GrpcHealthChecksOptions options)
    {
        options.Services.Map(Gateway, check => check.Name == GatewayCheck);
        options.Services.Map(MotionServer, check => check.Name == MotionServer);
        options.Services.Map(Speech, _ => true);
    }
}
