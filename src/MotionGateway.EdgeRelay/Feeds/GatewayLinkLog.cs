namespace MotionGateway.EdgeRelay;

internal static partial class GatewayLinkLog
{
    [LoggerMessage(1, LogLevel.Warning, "The gateway cannot be reached; looking for it.")]
    public static partial void Lost(ILogger logger);

    [LoggerMessage(2, LogLevel.Information, "The gateway can be reached again.")]
    public static partial void Found(ILogger logger);
}
