namespace MotionGateway.EdgeRelay;

internal static partial class ViewerKeysLog
{
    [LoggerMessage(1, LogLevel.Information, "Got the keys of viewer tokens from the gateway.")]
    public static partial void Got(ILogger logger);

    [LoggerMessage(2, LogLevel.Warning, "Cannot get the keys of viewer tokens from the gateway; trying again. {Detail}")]
    public static partial void Missing(ILogger logger, string detail);
}
