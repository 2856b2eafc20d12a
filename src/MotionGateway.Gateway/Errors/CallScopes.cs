namespace MotionGateway.Gateway;

/// <summary>Puts what a call is about into the scope of all that is logged within it.</summary>
internal static class CallScopes
{
    /// <summary>Does so for all that comes after.</summary>
    public static void Use(WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILogger<CallIds>>();
        app.Use(async (context, next) =>
        {
            using var scope = logger.BeginScope(CallIds.Of(context));
            await next(context);
        });
    }
}
