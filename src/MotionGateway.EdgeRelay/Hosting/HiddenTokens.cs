using System.Diagnostics;

namespace MotionGateway.EdgeRelay;

/// <summary>Keeps tokens that stand in addresses out of logs and traces: what the server itself tells of requests names their address.</summary>
internal static class HiddenTokens
{
    private const string AddressTag = "url.path";
    private const string QueryTag = "url.query";

    /// <summary>Leaves the server's own logs at what is wrong. A filter for a part of it would tell addresses again.</summary>
    public static void Filter(ILoggingBuilder logging) => logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);

    /// <summary>Hides addresses that hold a token from traces.</summary>
    public static void Use(IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (Activity.Current is { } activity)
        {
            if (context.Request.Path.StartsWithSegments("/d", StringComparison.OrdinalIgnoreCase))
            {
                activity.SetTag(AddressTag, "/d/");
            }

            activity.SetTag(QueryTag, null);
        }

        return next(context);
    });
}
