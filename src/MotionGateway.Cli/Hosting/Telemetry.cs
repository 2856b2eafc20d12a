using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace MotionGateway.Cli.Hosting;

/// <summary>Metrics and traces of this process, sent by OTLP where OTEL_EXPORTER_OTLP_ENDPOINT is set. What runs here is named by .NET itself.</summary>
internal sealed class Telemetry : IDisposable
{
    private const string OwnNames = "MotionGateway.*";

    private static readonly string[] Meters =
    [
        OwnNames, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Net.NameResolution",
        "System.Runtime",
    ];

    private static readonly string[] Sources = [OwnNames, "Microsoft.AspNetCore", "System.Net.Http", "Grpc.Net.Client"];

    private readonly MeterProvider? _metrics;
    private readonly TracerProvider? _traces;

    private Telemetry(MeterProvider? metrics, TracerProvider? traces)
    {
        _metrics = metrics;
        _traces = traces;
    }

    /// <summary>Whether anybody takes telemetry.</summary>
    public static bool IsConfigured => Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 };

    /// <summary>Starts to send; does nothing where nobody takes it.</summary>
    /// <param name="service">Such as <c>gateway</c>; OTEL_SERVICE_NAME says otherwise.</param>
    public static Telemetry Start(string service)
    {
        if (!IsConfigured)
        {
            return new Telemetry(null, null);
        }

        return new Telemetry(
            Sdk.CreateMeterProviderBuilder().ConfigureResource(Name).AddMeter(Meters).AddOtlpExporter().Build(),
            Sdk.CreateTracerProviderBuilder().ConfigureResource(Name).AddSource(Sources).AddOtlpExporter().Build());

        void Name(ResourceBuilder resource)
        {
            if (Environment.GetEnvironmentVariable("OTEL_SERVICE_NAME") is not { Length: > 0 })
            {
                resource.AddService($"motiongateway-{service}");
            }
        }
    }

    public void Dispose()
    {
        _metrics?.Dispose();
        _traces?.Dispose();
    }
}
