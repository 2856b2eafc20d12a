using System.Collections;
using Microsoft.Extensions.Configuration;
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

    private const string VariablePrefix = "OTEL_";

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
        Configure(builder.Configuration);
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => Name(resource, service))
            .WithMetrics(metrics => metrics.AddMeter(Meters).SetExemplarFilter(ExemplarFilterType.TraceBased).AddOtlpExporter())
            .WithTracing(traces => traces.AddSource(Sources).AddGrpcClientInstrumentation().AddOtlpExporter());
        var host = builder.Build();
        host.Start();
        return new Telemetry(host);
    }

    /// <summary>Gives a host that reads no environment the variables of OpenTelemetry, which says by them where it sends what.</summary>
    public static void Configure(IConfigurationBuilder configuration) => configuration.AddInMemoryCollection(
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(variable => KeyValuePair.Create((string)variable.Key, (string?)variable.Value))
            .Where(variable => variable.Key.StartsWith(VariablePrefix, StringComparison.Ordinal)));

    /// <summary>Names the service in what is sent, unless OTEL_SERVICE_NAME does.</summary>
    public static ResourceBuilder Name(ResourceBuilder resource, string service) =>
        Environment.GetEnvironmentVariable("OTEL_SERVICE_NAME") is { Length: > 0 } ? resource : resource.AddService($"motiongateway-{service}");

    public void Dispose() => _host?.Dispose();
}
