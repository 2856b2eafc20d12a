namespace MotionGateway.MotionServer;

/// <summary>The rules that options must keep, all checked before any is reported.</summary>
internal static class MotionServerOptionsRules
{
    private const int MaxTokensAhead = 16;
    private const int MaxFallbackRegions = 8;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    public static List<string> Check(MotionServerOptions options)
    {
        (bool Holds, string Problem)[] rules =
        [
            Credential(nameof(options.AppId), options.AppId),
            Credential(nameof(options.ApiKey), options.ApiKey),
            .. Regions(options),
            (options.TokenLifetime >= Second && options.TokenLifetime < 24 * Hour, "TokenLifetime must be at least 1 second and less than 24 hours."),
            (options.TokensAhead is >= 0 and <= MaxTokensAhead, $"TokensAhead must be 0 to {MaxTokensAhead}."),
            (options.TokenLifetime >= Minute || options.TokensAhead <= 0, "TokenLifetime must be at least 1 minute with TokensAhead."),
            (!string.IsNullOrWhiteSpace(options.TokenPath) && !options.TokenPath.AsSpan().ContainsAny(":?#"), "TokenPath must be a path, such as session-tokens."),
            (Enum.IsDefined(options.Auth), "Auth must be Headers or Query."),
            Limit(nameof(options.StepTimeout), options.StepTimeout),
            Limit(nameof(options.SendTimeout), options.SendTimeout),
            Limit(nameof(options.CloseTimeout), options.CloseTimeout),
            (options.MotionTimeout == Timeout.InfiniteTimeSpan || IsUpToAnHour(options.MotionTimeout), "MotionTimeout must be 0 to 1 hour, or infinite."),
            (IsUpToAnHour(options.KeepAliveInterval), "KeepAliveInterval must be 0 to 1 hour."),
            (IsUpToAnHour(options.KeepAliveTimeout), "KeepAliveTimeout must be 0 to 1 hour."),
            (options.MaxMessageBytes is >= 1024 and <= 64 * 1024 * 1024, "MaxMessageBytes must be 1 KiB to 64 MiB."),
            (options.ReceiveBufferBytes >= 64 * 1024, "ReceiveBufferBytes must be at least 64 KiB."),
        ];
        return [.. rules.Where(rule => !rule.Holds).Select(rule => rule.Problem)];
    }

    /// <exception cref="ArgumentException">There are problems; the text names every one.</exception>
    public static void ThrowForAny(IReadOnlyList<string> problems, string name)
    {
        if (problems.Count > 0)
        {
            throw new ArgumentException(string.Join(' ', problems), name);
        }
    }

    // Credentials travel in headers, where only visible ASCII is safe on every hop. The value is never repeated.
    private static (bool Holds, string Problem) Credential(string name, string? value) => string.IsNullOrEmpty(value)
        ? (false, $"{name} is required.")
        : (Secrets.IsHeaderSafe(value), $"{name} must be visible ASCII without spaces.");

    private static (bool Holds, string Problem) Limit(string name, TimeSpan limit) =>
        (limit > TimeSpan.Zero && limit <= 5 * Minute, $"{name} must be more than 0 and at most 5 minutes.");

    private static bool IsUpToAnHour(TimeSpan time) => time >= TimeSpan.Zero && time <= Hour;

    private static IEnumerable<(bool Holds, string Problem)> Regions(MotionServerOptions options)
    {
        IList<string> fallback = options.FallbackRegions ?? [];
        bool hasUrl = options.ConsoleUrl is not null || options.IngressUrl is not null;
        bool isExplicit = options is { ConsoleUrl: not null, IngressUrl: not null };
        return
        [
            Console(nameof(options.ConsoleUrl), options.ConsoleUrl),
            Ingress(nameof(options.IngressUrl), options.IngressUrl),
            (options.BootstrapUrl is not null && HasScheme(options.BootstrapUrl, "http", "https"), "BootstrapUrl must be an absolute http or https URL."),
            (isExplicit || options.Region == RegionResolver.Auto || RegionResolver.IsName(options.Region),
                "Region must be auto or a region's name, such as us-west, unless both URLs are given."),
            (options.FallbackRegions is not null, "FallbackRegions must be a list, which may be empty."),
            (fallback.Count <= MaxFallbackRegions, $"FallbackRegions must be at most {MaxFallbackRegions} regions."),
            (fallback.All(RegionResolver.IsName), "FallbackRegions must be regions' names, such as us-west."),
            (fallback.Distinct().Count() == fallback.Count && !fallback.Contains(options.Region), "FallbackRegions must name each region once, and not Region again."),
            (fallback.Count == 0 || !hasUrl, "FallbackRegions must be empty where ConsoleUrl or IngressUrl is given: RegionEndpoints takes URLs for each region."),
            (options.RegionEndpoints is not null, "RegionEndpoints must be a map, which may be empty."),
            .. (options.RegionEndpoints ?? new Dictionary<string, MotionServerEndpoints>()).SelectMany(Endpoints),
        ];
    }

    private static IEnumerable<(bool Holds, string Problem)> Endpoints(KeyValuePair<string, MotionServerEndpoints> entry) =>
        RegionResolver.IsName(entry.Key) && entry.Value is { } endpoints
            ? [Console($"RegionEndpoints:{entry.Key}:ConsoleUrl", endpoints.ConsoleUrl), Ingress($"RegionEndpoints:{entry.Key}:IngressUrl", endpoints.IngressUrl)]
            : [(false, "RegionEndpoints must be URLs by regions' names, such as us-west.")];

    private static (bool Holds, string Problem) Console(string name, Uri? url) =>
        (url is null || HasScheme(url, "http", "https"), $"{name} must be an absolute http or https URL.");

    private static (bool Holds, string Problem) Ingress(string name, Uri? url) =>
        (url is null || HasScheme(url, "ws", "wss", "http", "https"), $"{name} must be an absolute ws, wss, http or https URL.");

    private static bool HasScheme(Uri url, params ReadOnlySpan<string> schemes) =>
        url.IsAbsoluteUri && schemes.Contains(url.Scheme) && url.Fragment.Length == 0 && url.UserInfo.Length == 0;
}
