namespace MotionGateway.EdgeRelay;

internal static partial class ViewerLog
{
    [LoggerMessage(1, LogLevel.Debug, "Viewer {ViewerId} follows session {SessionId}.")]
    public static partial void Came(ILogger logger, string sessionId, string viewerId);

    [LoggerMessage(2, LogLevel.Debug, "The feed of session {SessionId} to viewer '{ViewerId}' failed ({Reason}): {Detail}")]
    public static partial void Failed(ILogger logger, string sessionId, string viewerId, string reason, string detail);

    [LoggerMessage(3, LogLevel.Error, "Serving a viewer of session {SessionId} failed.")]
    public static partial void Broken(ILogger logger, Exception exception, string sessionId);
}
