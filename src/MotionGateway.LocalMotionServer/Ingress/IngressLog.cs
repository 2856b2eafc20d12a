using Microsoft.Extensions.Logging;

namespace MotionGateway.LocalMotion.Ingress;

internal static partial class IngressLog
{
    [LoggerMessage(1, LogLevel.Information, "Connection {ConnectionId} opened for avatar {AvatarId}.")]
    public static partial void Opened(ILogger logger, string connectionId, string avatarId);

    [LoggerMessage(2, LogLevel.Information, "Connection {ConnectionId} closed.")]
    public static partial void Closed(ILogger logger, string connectionId);

    [LoggerMessage(3, LogLevel.Information, "Connection {ConnectionId} is ended with close code {CloseCode}: {Reason}.")]
    public static partial void Ending(ILogger logger, string connectionId, int closeCode, string reason);

    [LoggerMessage(4, LogLevel.Information, "An upgrade was refused with status {Status}.")]
    public static partial void UpgradeRefused(ILogger logger, int status);

    [LoggerMessage(5, LogLevel.Warning, "Connection {ConnectionId}: reported to the client: {Problem}.")]
    public static partial void Reported(ILogger logger, string connectionId, string problem);

    [LoggerMessage(6, LogLevel.Warning, "A client took no message within {Timeout}; its connection is cut.")]
    public static partial void WriteTimedOut(ILogger logger, TimeSpan timeout);

    [LoggerMessage(7, LogLevel.Debug, "Writing to a client failed: {Failure}.")]
    public static partial void WriteFailed(ILogger logger, string failure);

    [LoggerMessage(8, LogLevel.Debug, "A message was dropped: the connection is no longer written to.")]
    public static partial void DroppedAfterEnd(ILogger logger);

    [LoggerMessage(9, LogLevel.Error, "Connection {ConnectionId}: the work on a request failed.")]
    public static partial void WorkFailed(ILogger logger, Exception exception, string connectionId);

    [LoggerMessage(10, LogLevel.Debug, "Connection {ConnectionId}: the client did not answer the close in time.")]
    public static partial void CloseTimedOut(ILogger logger, string connectionId);

    [LoggerMessage(11, LogLevel.Debug, "Connection {ConnectionId}: work was stopped, because the connection is ending.")]
    public static partial void WorkStopped(ILogger logger, string connectionId);

    [LoggerMessage(12, LogLevel.Warning, "Connection {ConnectionId}: {Fault} does not strike, because with egress no motion comes over the WebSocket.")]
    public static partial void FaultWithoutMotion(ILogger logger, string connectionId, string fault);

    [LoggerMessage(13, LogLevel.Warning, "An avatar id asks for a fault that there is not: {Problem}")]
    public static partial void NoSuchFault(ILogger logger, string problem);
}
