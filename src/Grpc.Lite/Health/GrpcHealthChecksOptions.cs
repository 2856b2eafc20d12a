namespace Grpc.AspNetCore.HealthChecks;

/// <summary>Options of the gRPC health service.</summary>
public sealed class GrpcHealthChecksOptions
{
    /// <summary>Which health checks decide about which service. Default: all about the empty name, the server as a whole.</summary>
    public ServiceMappingCollection Services { get; } = [];

    /// <summary>Whether answers come from the last published results instead of new checks. Default: no.</summary>
    public bool UseHealthChecksCache { get; set; }
}
