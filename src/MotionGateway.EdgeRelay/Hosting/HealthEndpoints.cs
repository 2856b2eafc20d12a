using System.Text.Json;

namespace MotionGateway.EdgeRelay;

/// <summary>Health for load balancers and people.</summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", context => WriteAsync(context, isOk: true, new() { ["status"] = "ok" }));
        routes.MapGet("/readyz", context =>
        {
            var services = context.RequestServices;
            var keys = services.GetRequiredService<ViewerKeys>();
            bool isStopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested;
            bool isReady = keys.HasKeys && keys.IsGatewayReachable && !isStopping;
            return WriteAsync(context, isReady, new()
            {
                ["status"] = isReady ? "ready" : "not ready",
                ["keys"] = keys.HasKeys,
                ["gateway"] = keys.IsGatewayReachable,
                ["stopping"] = isStopping,
                ["viewers"] = services.GetRequiredService<ViewerRegistry>().Count,
                ["feeds"] = services.GetRequiredService<FeedDirectory>().Count,
            });
        });
    }

    private static Task WriteAsync(HttpContext context, bool isOk, Dictionary<string, object> answer)
    {
        context.Response.StatusCode = isOk ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(JsonSerializer.Serialize(answer), context.RequestAborted);
    }
}
