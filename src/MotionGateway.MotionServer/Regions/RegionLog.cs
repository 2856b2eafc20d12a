using Microsoft.Extensions.Logging;

namespace MotionGateway.MotionServer;

/// <summary>What is logged about regions.</summary>
internal static partial class RegionLog
{
    [LoggerMessage(20, LogLevel.Information, "The Motion Server's bootstrap names region {Region}.")]
    public static partial void Bootstrapped(this ILogger logger, string region);

    [LoggerMessage(21, LogLevel.Warning, "The Motion Server's bootstrap names no region; {Region} is used. {Reason}")]
    public static partial void NoBootstrap(this ILogger logger, string region, string reason);

    [LoggerMessage(22, LogLevel.Warning, "Region {Region} of the Motion Server failed: {Code} in {Phase}; {Next} is tried next. {Reason}")]
    public static partial void RegionFailed(this ILogger logger, string? region, string code, string phase, string? next, string reason);
}
