namespace MotionGateway.EdgeRelay;

internal static partial class SessionFeedLog
{
    [LoggerMessage(1, LogLevel.Information, "Following session {SessionId}.")]
    public static partial void Began(ILogger logger, string sessionId);

    [LoggerMessage(2, LogLevel.Information, "No longer following session {SessionId}.")]
    public static partial void Ended(ILogger logger, string sessionId);

    [LoggerMessage(3, LogLevel.Warning, "Lost the feed of session {SessionId} ({Reason}); trying again in {PauseMs:0} ms.")]
    public static partial void Lost(ILogger logger, string sessionId, string reason, double pauseMs);

    [LoggerMessage(4, LogLevel.Information, "The feed of session {SessionId} is over ({Reason}): {Detail}")]
    public static partial void Failed(ILogger logger, string sessionId, string reason, string detail);

    [LoggerMessage(5, LogLevel.Error, "Following session {SessionId} failed.")]
    public static partial void Broken(ILogger logger, Exception exception, string sessionId);
}
