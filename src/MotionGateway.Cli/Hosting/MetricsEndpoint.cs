using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MotionGateway.Cli.Output;
using OpenTelemetry.Metrics;

namespace MotionGateway.Cli.Hosting;

/// <summary>Metrics of this process for Prometheus to ask for, at an address of their own.</summary>
internal sealed class MetricsEndpoint : IAsyncDisposable
{
    private const string Path = "/metrics";

    // Who asks comes every few seconds; there are few of them.
    private const int MaxConnections = 16;

    private readonly RunningService? _service;

    private MetricsEndpoint(RunningService? service) => _service = service;

    /// <summary>Starts to serve, and says where; does nothing where no address is given.</summary>
    /// <param name="service">Whose metrics they are, such as <c>gateway</c>.</param>
    /// <param name="url">The address.</param>
    /// <param name="screen">Where it is said.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CommandException">It cannot listen there.</exception>
    public static async Task<MetricsEndpoint> StartAsync(string service, string? url, Screen screen, CancellationToken cancellationToken)
    {
        if (url is null)
        {
            return new MetricsEndpoint(null);
        }

        var running = await RunningService.StartAsync("metrics endpoint", url, Build(service, url), cancellationToken);
        Announce(screen, service, new Uri(running.Url, Path));
        return new MetricsEndpoint(running);
    }

    public ValueTask DisposeAsync() => _service?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static WebApplication Build(string service, string url)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost
            .UseKestrel(kestrel =>
            {
                kestrel.AddServerHeader = false;
                kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            })
            .UseUrls(url);
        builder.Services.AddRouting();
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => Telemetry.Name(resource, service))
            .WithMetrics(metrics => metrics
                .AddMeter(Telemetry.Meters).SetExemplarFilter(ExemplarFilterType.TraceBased).AddPrometheusExporter());
        var app = builder.Build();
        app.MapPrometheusScrapingEndpoint(Path).DisableHttpMetrics();
        return app;
    }

    private static void Announce(Screen screen, string service, Uri url)
    {
        if (screen.IsJson)
        {
            screen.Json(new { service, metrics = url });
        }
        else
        {
            screen.Line($"metrics at {url}");
        }
    }
}
