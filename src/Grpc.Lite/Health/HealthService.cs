using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Grpc.AspNetCore.HealthChecks;

/// <summary>The gRPC health service over ASP.NET Core's health checks.</summary>
internal sealed class HealthService(
    HealthStatusStore store,
    HealthCheckService healthChecks,
    IOptions<GrpcHealthChecksOptions> options,
    IHostApplicationLifetime lifetime) : Grpc.Health.V1.Health.HealthBase
{
    public override async Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
    {
        var status = await FindAsync(request.Service, context.CancellationToken);
        return new HealthCheckResponse { Status = status ?? throw new RpcException(new Status(StatusCode.NotFound, "")) };
    }

    public override async Task Watch(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        // A watch never ends by itself: it must not hold up the end of the host.
        using var source = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        var changes = store.Watch(request.Service);
        try
        {
            var sent = await FindAsync(request.Service, source.Token) ?? ServingStatus.ServiceUnknown;
            await responseStream.WriteAsync(new HealthCheckResponse { Status = sent }, source.Token);
            await foreach (var status in changes.Reader.ReadAllAsync(source.Token))
            {
                if (status != sent)
                {
                    sent = status;
                    await responseStream.WriteAsync(new HealthCheckResponse { Status = sent }, source.Token);
                }
            }
        }
        catch (OperationCanceledException) when (source.IsCancellationRequested)
        {
            // The caller left, or the host stops: the call just ends.
        }
        finally
        {
            store.Unwatch(request.Service, changes);
        }
    }

    /// <summary>The state of a service now, or null when it is not known.</summary>
    private async Task<ServingStatus?> FindAsync(string service, CancellationToken cancellationToken)
    {
        if (options.Value.UseHealthChecksCache)
        {
            return store.Get(service);
        }

        if (options.Value.Services.Find(service) is not { } mapping)
        {
            return null;
        }

        var report = await healthChecks.CheckHealthAsync(
            registration => mapping.HealthCheckPredicate(new HealthCheckMapContext(registration.Name, registration.Tags)),
            cancellationToken);
        return report.Entries.ToServingStatus();
    }
}
