using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.HealthChecks;

/// <summary>Takes the health checks' results, which the host publishes from time to time, to the services that they decide about.</summary>
internal sealed class GrpcHealthChecksPublisher(HealthStatusStore store, IOptions<GrpcHealthChecksOptions> options) : IHealthCheckPublisher
{
    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        foreach (var mapping in options.Value.Services)
        {
            var entries = report.Entries.Where(entry => mapping.HealthCheckPredicate(new HealthCheckMapContext(entry.Key, entry.Value.Tags)));
            store.Set(mapping.Name, entries.ToServingStatus());
        }

        return Task.CompletedTask;
    }
}
