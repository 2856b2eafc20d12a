namespace MotionGateway.EdgeRelay;

/// <summary>The rules that options must keep, all checked before any is reported.</summary>
internal static class EdgeRelayOptionsRules
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    public static List<string> Check(EdgeRelayOptions options)
    {
        List<string> problems = [];
        CheckAddresses(problems, options);
        CheckBounds(problems, options);
        CheckTimes(problems, options);
        return problems;
    }

    private static void CheckAddresses(List<string> problems, EdgeRelayOptions options)
    {
        string[] urls = options.Urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Require(problems, urls.Length > 0 && urls.All(IsBindable), nameof(options.Urls),
            "must be http or https URLs, separated by semicolons, such as http://127.0.0.1:8080");
        Require(problems, IsHttp(options.GatewayAddress), nameof(options.GatewayAddress),
            "must be an absolute http or https URL, such as http://127.0.0.1:50051");
        foreach (string origin in options.AllowedOrigins)
        {
            Require(problems, IsHttp(origin) && !origin.EndsWith('/'), nameof(options.AllowedOrigins),
                $"must hold origins such as https://example.com, not '{origin}'");
        }
    }

    private static void CheckBounds(List<string> problems, EdgeRelayOptions options)
    {
        Require(problems, options.MaxViewers > 0, nameof(options.MaxViewers), "must be more than 0");
        Require(problems, options.MaxViewersPerSession > 0, nameof(options.MaxViewersPerSession), "must be more than 0");
        Require(problems, options.MaxCatchUps > 0, nameof(options.MaxCatchUps), "must be more than 0");
        Require(problems, options.LogBytes >= 1024 * 1024, nameof(options.LogBytes), "must be at least 1 MiB");
        Require(problems, options.WindowBytes >= 4096, nameof(options.WindowBytes), "must be at least 4 KiB");
        Require(problems, options.MaxMessageBytes is >= 1024 and <= 16 * 1024 * 1024, nameof(options.MaxMessageBytes), "must be 1 KiB to 16 MiB");
        Require(problems, options.ViewerEventsPerSecond > 0, nameof(options.ViewerEventsPerSecond), "must be more than 0");
        Require(problems, options.ViewerEventBytes >= 128 * 1024, nameof(options.ViewerEventBytes), "must be at least 128 KiB");
    }

    private static void CheckTimes(List<string> problems, EdgeRelayOptions options)
    {
        RequireTime(problems, options.HeartbeatInterval, nameof(options.HeartbeatInterval));
        RequireTime(problems, options.PeerTimeout, nameof(options.PeerTimeout));
        Require(problems, options.PeerTimeout > options.HeartbeatInterval, nameof(options.PeerTimeout),
            $"must be more than {nameof(options.HeartbeatInterval)}");
        RequireTime(problems, options.StartTimeout, nameof(options.StartTimeout));
        RequireTime(problems, options.WriteTimeout, nameof(options.WriteTimeout));
        RequireTime(problems, options.StallTimeout, nameof(options.StallTimeout));
        RequireTime(problems, options.KeyRefreshInterval, nameof(options.KeyRefreshInterval));
        RequireTimeOrZero(problems, options.LogRetention, nameof(options.LogRetention));
        RequireTimeOrZero(problems, options.FeedLinger, nameof(options.FeedLinger));
        RequireTimeOrZero(problems, options.GatewayLossLimit, nameof(options.GatewayLossLimit));
        RequireTimeOrZero(problems, options.ShutdownGrace, nameof(options.ShutdownGrace));
    }

    // A wildcard host, such as http://*:8080, is no URI but can be listened on.
    private static bool IsBindable(string url) =>
        IsHttp(url.Replace("//*", "//any", StringComparison.Ordinal).Replace("//+", "//any", StringComparison.Ordinal));

    private static bool IsHttp(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https";

    private static void RequireTime(List<string> problems, TimeSpan value, string name) =>
        Require(problems, value > TimeSpan.Zero && value <= Longest, name, "must be more than 0 and at most 1 hour");

    private static void RequireTimeOrZero(List<string> problems, TimeSpan value, string name) =>
        Require(problems, value >= TimeSpan.Zero && value <= Longest, name, "must be 0 to 1 hour");

    private static void Require(List<string> problems, bool condition, string name, string rule)
    {
        if (!condition)
        {
            problems.Add($"{name} {rule}.");
        }
    }
}
