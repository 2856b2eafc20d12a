using MotionGateway.V1;

namespace MotionGateway.Gateway;

internal static partial class ErrorLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "{Method} refused: {Reason}")]
    public static partial void Refused(ILogger logger, string method, ErrorReason reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Method} refused for {Field}: {Reason}")]
    public static partial void FieldRefused(ILogger logger, string method, string field, ErrorReason reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Method}: the caller is gone")]
    public static partial void Gone(ILogger logger, Exception exception, string method);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} failed")]
    public static partial void Failed(ILogger logger, Exception exception, string method);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} failed, its session has Motion Server connection {ConnectionId}")]
    public static partial void FailedConnected(ILogger logger, Exception exception, string method, string connectionId);
}
