using MotionGateway.V1;

namespace MotionGateway.Gateway;

internal static partial class ErrorLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "{Method} refused: {Reason} {Field} (session {SessionId}, turn {TurnId})")]
    public static partial void Refused(ILogger logger, string method, ErrorReason reason, string? field, string? sessionId, string? turnId);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Method}: the caller is gone (session {SessionId}, turn {TurnId})")]
    public static partial void Gone(ILogger logger, Exception exception, string method, string? sessionId, string? turnId);

    [LoggerMessage(
        Level = LogLevel.Error, Message = "{Method} failed (session {SessionId}, turn {TurnId}, Motion Server connection {ConnectionId})")]
    public static partial void Failed(
        ILogger logger, Exception exception, string method, string? sessionId, string? turnId, string? connectionId);
}
