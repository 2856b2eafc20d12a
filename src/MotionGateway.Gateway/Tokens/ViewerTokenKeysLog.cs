namespace MotionGateway.Gateway;

internal static partial class ViewerTokenKeysLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The viewer token keys that the settings name now cannot be used: those before stay in force. {Problem}")]
    public static partial void Unusable(ILogger logger, string problem);
}
