using System.Text.Json;

namespace MotionGateway.EdgeRelay;

/// <summary>Health for load balancers and people.</summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", AnswerAsync).RequireCors(FeedCors.Policy);
        routes.MapGet("/readyz", context =>
        {
            var services = context.RequestServices;
            var keys = services.GetRequiredService<ViewerKeys>();
            var registry = services.GetRequiredService<ViewerRegistry>();
            bool isGatewayReachable = services.GetRequiredService<GatewayLink>().IsReachable;
            bool isReady = keys.HasKeys && !registry.IsFull && !registry.IsStopping;
            return WriteAsync(context, isReady, new()
            {
                // Without its gateway it goes on for the viewers that it has; another relay would be no better off.
                ["status"] = !isReady ? "not ready" : isGatewayReachable ? "ready" : "degraded",
                ["keys"] = keys.HasKeys,
                ["gateway"] = isGatewayReachable,
                ["full"] = registry.IsFull,
                ["stopping"] = registry.IsStopping,
                ["viewers"] = registry.Count,
                ["feeds"] = services.GetRequiredService<FeedDirectory>().Count,
            });
        });
    }

    /// <summary>Says that the relay runs, to published clients as well, which look for <c>ok</c> and <c>missing</c>.</summary>
    public static Task AnswerAsync(HttpContext context) =>
        WriteAsync(context, isOk: true, new() { ["status"] = "ok", ["ok"] = true, ["missing"] = Array.Empty<string>() });

    private static Task WriteAsync(HttpContext context, bool isOk, Dictionary<string, object> answer)
    {
        context.Response.StatusCode = isOk ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(JsonSerializer.Serialize(answer), context.RequestAborted);
    }
}
