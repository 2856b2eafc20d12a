namespace MotionGateway.EdgeRelay;

internal static partial class ViewerLog
{
    [LoggerMessage(1, LogLevel.Information, "Viewer {ViewerId} follows session {SessionId} as reader {ReaderId}: {Viewers} viewers of it here.")]
    public static partial void Came(ILogger logger, string sessionId, string viewerId, string readerId, int viewers);

    [LoggerMessage(2, LogLevel.Information, "Viewer {ViewerId} has left session {SessionId}, reader {ReaderId}, {Reason}, after {Seconds:0.0} s: {Viewers} viewers of it stay here.")]
    public static partial void Left(ILogger logger, string sessionId, string viewerId, string readerId, string reason, double seconds, int viewers);

    [LoggerMessage(3, LogLevel.Error, "Serving a viewer of session {SessionId} failed.")]
    public static partial void Broken(ILogger logger, Exception exception, string sessionId);

    [LoggerMessage(4, LogLevel.Debug, "The feed of session {SessionId} to viewer '{ViewerId}' failed ({Reason}): {Detail}")]
    public static partial void Failed(ILogger logger, string sessionId, string viewerId, string reason, string detail);
}
