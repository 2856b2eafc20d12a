using MotionGateway.Hosting;

namespace MotionGateway.EdgeRelay;

/// <summary>The rules that options must keep, all checked before any is reported.</summary>
internal static class EdgeRelayOptionsRules
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    // HTTP/2 connections are looked after once a second.
    private static readonly TimeSpan ShortestPingTimeout = TimeSpan.FromSeconds(1);

    // Media is 10 s ahead of what is heard by default.
    private static readonly TimeSpan ShortestRetention = TimeSpan.FromSeconds(15);

    public static List<string> Check(EdgeRelayOptions options)
    {
        List<string> problems = [];
        CheckAddresses(problems, options);
        CheckApiKey(problems, options);
        CheckTls(problems, options);
        CheckProxies(problems, options);
        CheckBounds(problems, options);
        CheckTimes(problems, options);
        problems.AddRange(options.Logging.Validate().Select(problem => $"{nameof(options.Logging)}:{problem}"));
        return problems;
    }

    private static void CheckAddresses(List<string> problems, EdgeRelayOptions options)
    {
        string[] urls = options.Urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Require(problems, urls.Length > 0 && urls.All(IsBindable), nameof(options.Urls),
            "must be http or https URLs, separated by semicolons, such as http://127.0.0.1:8080");
        problems.AddRange(MetricsAddress.FindProblems(options.MetricsUrl));
        Require(problems, options.PageDirectory is not { } page || IsPage(page), nameof(options.PageDirectory),
            $"must be the directory of a built page: there is no index.html in '{options.PageDirectory}'. Leave it out for the page that came with the relay");
        Require(problems, IsHttp(options.GatewayAddress), nameof(options.GatewayAddress),
            "must be an absolute http or https URL, such as http://127.0.0.1:50051");
        foreach (string origin in options.AllowedOrigins)
        {
            Require(problems, IsHttp(origin) && !origin.EndsWith('/'), nameof(options.AllowedOrigins),
                $"must hold origins such as https://example.com, not '{origin}'");
        }
    }

    private static void CheckApiKey(List<string> problems, EdgeRelayOptions options)
    {
        try
        {
            _ = options.GatewayApiKeyFile is { } path ? GatewayApiKey.Read(path) : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException)
        {
            problems.Add(
                $"{nameof(options.GatewayApiKeyFile)}: {failure.Message.TrimEnd('.')}. Name a file that the relay may read and that holds what "
                + "'motiongateway keys create' has printed.");
        }
    }

    private static void CheckTls(List<string> problems, EdgeRelayOptions options)
    {
        problems.AddRange(TlsOptionsRules.FindProblems(options.Urls, options.Tls));
        if (options.GatewayTls is { } gateway)
        {
            Require(problems, TlsOptionsRules.IsHttps(options.GatewayAddress), nameof(options.GatewayTls),
                $"is set, and {nameof(options.GatewayAddress)} is not https: write https:// there, or leave it out");
            problems.AddRange(TlsOptionsRules.FindProblems(gateway).Select(problem => $"{nameof(options.GatewayTls)}:{problem}"));
        }
    }

    private static void CheckProxies(List<string> problems, EdgeRelayOptions options)
    {
        foreach (string proxy in options.TrustedProxies)
        {
            Require(problems, ViewerAdmission.ParseNetwork(proxy) is not null, nameof(options.TrustedProxies),
                $"must hold addresses or networks such as 10.0.0.0/8, not '{proxy}'");
        }
    }

    private static void CheckBounds(List<string> problems, EdgeRelayOptions options)
    {
        Require(problems, options.MaxViewers > 0, nameof(options.MaxViewers), "must be more than 0");
        Require(problems, options.MaxViewersPerSession > 0, nameof(options.MaxViewersPerSession), "must be more than 0");
        Require(problems, options.MaxReadersPerViewer > 0, nameof(options.MaxReadersPerViewer), "must be more than 0");
        Require(problems, options.MaxUnverifiedConnections > 0, nameof(options.MaxUnverifiedConnections), "must be more than 0");
        Require(problems, options.MaxConnectionsPerAddress >= 0, nameof(options.MaxConnectionsPerAddress), "must be 0 or more");
        Require(problems, options.ConnectionsPerSecondPerAddress >= 0, nameof(options.ConnectionsPerSecondPerAddress), "must be 0 or more");
        Require(problems, options.MaxCatchUps > 0, nameof(options.MaxCatchUps), "must be more than 0");
        Require(problems, options.MaxCatchUpsPerSession > 0, nameof(options.MaxCatchUpsPerSession), "must be more than 0");
        Require(problems, options.MaxFeeds > 0, nameof(options.MaxFeeds), "must be more than 0");
        Require(problems, options.LogBytes >= 1024 * 1024, nameof(options.LogBytes), "must be at least 1 MiB");
        Require(problems, options.WindowBytes >= 4096, nameof(options.WindowBytes), "must be at least 4 KiB");
        Require(problems, options.MaxMessageBytes is >= 1024 and <= 16 * 1024 * 1024, nameof(options.MaxMessageBytes), "must be 1 KiB to 16 MiB");
        Require(problems, options.ViewerEventsPerSecond > 0, nameof(options.ViewerEventsPerSecond), "must be more than 0");
        Require(problems, options.MicrophoneBytesPerSecond is >= 16_000 and <= 100_000_000, nameof(options.MicrophoneBytesPerSecond),
            "must be 16000 to 100000000");
        Require(problems, options.ViewerEventBytes >= 128 * 1024, nameof(options.ViewerEventBytes), "must be at least 128 KiB");
    }

    private static void CheckTimes(List<string> problems, EdgeRelayOptions options)
    {
        RequireTime(problems, options.HeartbeatInterval, nameof(options.HeartbeatInterval));
        RequireTime(problems, options.TurnHeartbeatInterval, nameof(options.TurnHeartbeatInterval));
        Require(problems, options.GatewayPingTimeout >= ShortestPingTimeout && options.GatewayPingTimeout <= Longest,
            nameof(options.GatewayPingTimeout), "must be 1 second to 1 hour");
        RequireTime(problems, options.PeerTimeout, nameof(options.PeerTimeout));
        Require(problems, options.PeerTimeout > options.HeartbeatInterval, nameof(options.PeerTimeout),
            $"must be more than {nameof(options.HeartbeatInterval)}");
        RequireTime(problems, options.StartTimeout, nameof(options.StartTimeout));
        RequireTime(problems, options.WriteTimeout, nameof(options.WriteTimeout));
        RequireTime(problems, options.StallTimeout, nameof(options.StallTimeout));
        RequireTime(problems, options.SlowViewerTimeout, nameof(options.SlowViewerTimeout));
        RequireTime(problems, options.KeyRefreshInterval, nameof(options.KeyRefreshInterval));
        Require(problems, options.LogRetention >= ShortestRetention && options.LogRetention <= Longest, nameof(options.LogRetention),
            "must be 15 seconds to 1 hour");
        RequireTimeOrZero(problems, options.FeedLinger, nameof(options.FeedLinger));
        RequireTimeOrZero(problems, options.GatewayLossLimit, nameof(options.GatewayLossLimit));
        RequireTimeOrZero(problems, options.ShutdownGrace, nameof(options.ShutdownGrace));
        RequireTimeOrZero(problems, options.PublishedFeedMargin, nameof(options.PublishedFeedMargin));
    }

    // A wildcard host, such as http://*:8080, is no URI but can be listened on.
    private static bool IsBindable(string url) =>
        IsHttp(url.Replace("//*", "//any", StringComparison.Ordinal).Replace("//+", "//any", StringComparison.Ordinal));

    private static bool IsPage(string directory) => directory.Length > 0 && File.Exists(Path.Combine(directory, "index.html"));

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
