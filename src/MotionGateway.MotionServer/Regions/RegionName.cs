using System.Text.RegularExpressions;

namespace MotionGateway.MotionServer;

/// <summary>What a region's name looks like. It becomes part of host names, so nothing else is let through.</summary>
internal static partial class RegionName
{
    /// <summary>Asks the service for the region, by a bootstrap request.</summary>
    public const string Auto = "auto";

    /// <summary>The region where nothing better is known.</summary>
    public const string Default = "us-west";

    // The name is one label of a host name (RFC 1035, section 2.3.4).
    private const int MaxLength = 63;

    public static bool IsValid(string? name) => name is { Length: <= MaxLength } && Pattern().IsMatch(name);

    [GeneratedRegex(@"^[a-z0-9]+(-[a-z0-9]+)+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
