using System.Diagnostics;

namespace MotionGateway.EdgeRelay;

/// <summary>Keeps tokens that stand in addresses out of logs and traces: what the server itself tells of requests names their address.</summary>
internal static class HiddenTokens
{
    private const string AddressTag = "url.path";
    private const string QueryTag = "url.query";

    private const string Server = "Microsoft.AspNetCore";

    // It puts the address of each request into the scope of all that is logged within it.
    private const string Requests = $"{Server}.Hosting.Diagnostics";

    /// <summary>Leaves the server's own logs at what is wrong, whatever the settings say of it or of a part of it.</summary>
    public static void Filter(IServiceCollection services) => services.PostConfigure<LoggerFilterOptions>(filter =>
    {
        foreach (var rule in filter.Rules.Where(rule => rule.CategoryName?.StartsWith(Server, StringComparison.OrdinalIgnoreCase) == true).ToList())
        {
            filter.Rules.Remove(rule);
            if (rule.LogLevel > LogLevel.Warning)
            {
                filter.Rules.Add(rule);
            }
        }

        filter.Rules.Add(new LoggerFilterRule(null, Server, LogLevel.Warning, null));
        filter.Rules.Add(new LoggerFilterRule(null, Requests, LogLevel.None, null));
    });

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
