namespace MotionGateway.MotionServer;

/// <summary>The rules of the options about regions and endpoints.</summary>
internal static class RegionOptionsRules
{
    private const int MaxFallbackRegions = 8;
    private static readonly TimeSpan LongestCooldown = TimeSpan.FromHours(1);

    public static void Check(List<string> problems, MotionServerOptions options)
    {
        RequireConsole(problems, nameof(options.ConsoleUrl), options.ConsoleUrl);
        RequireIngress(problems, nameof(options.IngressUrl), options.IngressUrl);
        MotionServerOptionsRules.Require(problems, options.BootstrapUrl is not null && HasScheme(options.BootstrapUrl, "http", "https"),
            nameof(options.BootstrapUrl), "must be an absolute http or https URL");
        MotionServerOptionsRules.Require(problems, options.RegionCooldown >= TimeSpan.Zero && options.RegionCooldown <= LongestCooldown,
            nameof(options.RegionCooldown), "must be 0 to 1 hour");
        if (options.ConsoleUrl is null || options.IngressUrl is null)
        {
            MotionServerOptionsRules.Require(problems, options.Region == RegionName.Auto || RegionName.IsValid(options.Region),
                nameof(options.Region), "must be auto or a region's name, such as us-west, unless both URLs are given");
        }

        CheckFallback(problems, options);
        CheckRegionEndpoints(problems, options);
    }

    private static void CheckFallback(List<string> problems, MotionServerOptions options)
    {
        const string Name = nameof(options.FallbackRegions);
        IList<string> regions = options.FallbackRegions ?? [];
        MotionServerOptionsRules.Require(problems, options.FallbackRegions is not null, Name, "must be a list, which may be empty");
        MotionServerOptionsRules.Require(problems, regions.Count <= MaxFallbackRegions, Name, $"must be at most {MaxFallbackRegions} regions");
        MotionServerOptionsRules.Require(problems, regions.All(RegionName.IsValid), Name, "must be regions' names, such as us-west");
        MotionServerOptionsRules.Require(
            problems, regions.Distinct().Count() == regions.Count && !regions.Contains(options.Region), Name, "must name each region once, and not Region again");
        MotionServerOptionsRules.Require(
            problems, regions.Count == 0 || (options.ConsoleUrl is null && options.IngressUrl is null),
            Name, "must be empty where ConsoleUrl or IngressUrl is given: RegionEndpoints takes URLs for each region");
    }

    private static void CheckRegionEndpoints(List<string> problems, MotionServerOptions options)
    {
        const string Name = nameof(options.RegionEndpoints);
        MotionServerOptionsRules.Require(problems, options.RegionEndpoints is not null, Name, "must be a map, which may be empty");
        foreach ((string region, MotionServerEndpoints endpoints) in options.RegionEndpoints ?? new Dictionary<string, MotionServerEndpoints>())
        {
            if (!RegionName.IsValid(region) || endpoints is null)
            {
                MotionServerOptionsRules.Require(problems, false, Name, "must be URLs by regions' names, such as us-west");
                continue;
            }

            RequireConsole(problems, $"{Name}:{region}:{nameof(endpoints.ConsoleUrl)}", endpoints.ConsoleUrl);
            RequireIngress(problems, $"{Name}:{region}:{nameof(endpoints.IngressUrl)}", endpoints.IngressUrl);
        }
    }

    private static void RequireConsole(List<string> problems, string name, Uri? url) => MotionServerOptionsRules.Require(
        problems, url is null || HasScheme(url, "http", "https"), name, "must be an absolute http or https URL");

    private static void RequireIngress(List<string> problems, string name, Uri? url) => MotionServerOptionsRules.Require(
        problems, url is null || HasScheme(url, "ws", "wss", "http", "https"), name, "must be an absolute ws, wss, http or https URL");

    private static bool HasScheme(Uri url, params ReadOnlySpan<string> schemes) =>
        url.IsAbsoluteUri && schemes.Contains(url.Scheme) && url.Fragment.Length == 0 && url.UserInfo.Length == 0;
}
