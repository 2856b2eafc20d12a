namespace OpenTelemetry.Trace;

/// <summary>The one place that knows which gRPC stack there is: it decides who makes the activities of client calls.</summary>
public static class GrpcClientTelemetry
{
    /// <summary>Records the activities of gRPC client calls.</summary>
    /// <param name="builder">What collects activities.</param>
    public static TracerProviderBuilder AddGrpcClientTelemetry(this TracerProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
#if GRPC_OPENTELEMETRY
        return builder.AddGrpcClientInstrumentation();
#elif GRPC_PACKAGES
        return builder.AddSource("Grpc.Net.Client");
#else
        return builder.AddSource(Grpc.Net.Client.ClientActivity.SourceName);
#endif
    }
}
