using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace MotionGateway.Cli.Hosting;

/// <summary>Metrics and traces of this process, sent by OTLP where OTEL_EXPORTER_OTLP_ENDPOINT is set. What runs here is named by .NET itself.</summary>
internal sealed class Telemetry : IDisposable
{
    private const string OwnNames = "MotionGateway.*";

    /// <summary>The meters of services, and of what they stand on.</summary>
    public static readonly string[] Meters =
    [
        OwnNames, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Net.NameResolution",
        "System.Runtime",
    ];

    private static readonly string[] Sources = [OwnNames, "Microsoft.AspNetCore", "System.Net.Http"];

    private readonly IHost? _host;

    private Telemetry(IHost? host) => _host = host;

    /// <summary>Whether anybody takes telemetry.</summary>
    public static bool IsConfigured => Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 };

    /// <summary>Starts to send; does nothing where nobody takes it.</summary>
    /// <param name="service">Such as <c>gateway</c>; OTEL_SERVICE_NAME says otherwise.</param>
    public static Telemetry Start(string service)
    {
        if (!IsConfigured)
        {
            return new Telemetry(null);
        }

        // A host of its own: meters and sources are the process's, in which several services may run.
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => Name(resource, service))
            .WithMetrics(metrics => metrics.AddMeter(Meters).AddOtlpExporter())
            .WithTracing(traces => traces.AddSource(Sources).AddGrpcClientInstrumentation().AddOtlpExporter());
        var host = builder.Build();
        host.Start();
        return new Telemetry(host);
    }

    /// <summary>Names a service to those who take its telemetry.</summary>
    public static void Name(ResourceBuilder resource, string service)
    {
        if (Environment.GetEnvironmentVariable("OTEL_SERVICE_NAME") is not { Length: > 0 })
        {
            resource.AddService($"motiongateway-{service}");
        }
    }

    public void Dispose() => _host?.Dispose();
}
