using Microsoft.Extensions.Logging;

namespace MotionGateway.MotionServer;

/// <summary>What this library logs: ids, codes and counts; never payloads, credentials or URLs with a query.</summary>
internal static partial class MotionServerLog
{
    [LoggerMessage(1, LogLevel.Information, "Connection {ConnectionId} to the Motion Server at {Host}, region {Region}, is open for avatar {AvatarId} at {SampleRate} Hz.")]
    public static partial void Opened(this ILogger logger, string connectionId, string host, string? region, string avatarId, int sampleRate);

    [LoggerMessage(2, LogLevel.Warning, "No connection to the Motion Server for avatar {AvatarId}: {Code} in {Phase}. {Reason}")]
    public static partial void OpenFailed(this ILogger logger, string avatarId, string code, string phase, string reason);

    [LoggerMessage(3, LogLevel.Information, "Connection {ConnectionId} to the Motion Server has ended normally.")]
    public static partial void EndedNormally(this ILogger logger, string connectionId);

    [LoggerMessage(4, LogLevel.Warning, "Connection {ConnectionId} to the Motion Server has ended: {Code} in {Phase}, close code {CloseCode}. {Reason}")]
    public static partial void EndedByFailure(this ILogger logger, string connectionId, string code, string phase, int? closeCode, string reason);

    [LoggerMessage(5, LogLevel.Warning, "The Motion Server reports an error on connection {ConnectionId}, request {RequestId}: {Code}. {Reason}")]
    public static partial void ServerReported(this ILogger logger, string connectionId, string? requestId, string code, string reason);

    [LoggerMessage(6, LogLevel.Warning, "Connection {ConnectionId}: a message of {Bytes} bytes from the Motion Server does not parse and is skipped.")]
    public static partial void Malformed(this ILogger logger, string connectionId, int bytes);

    [LoggerMessage(7, LogLevel.Debug, "Connection {ConnectionId}: a {Kind} message of {Bytes} bytes from the Motion Server is ignored.")]
    public static partial void Ignored(this ILogger logger, string connectionId, string kind, int bytes);

    [LoggerMessage(8, LogLevel.Debug, "Connection {ConnectionId}: the goodbye to the Motion Server was cut short.")]
    public static partial void GoodbyeCutShort(this ILogger logger, string connectionId, Exception exception);

    [LoggerMessage(9, LogLevel.Information, "No connection to the Motion Server for avatar {AvatarId} ({Code}); attempt {Attempt} follows in {Delay}.")]
    public static partial void TryingAgain(this ILogger logger, string avatarId, int attempt, TimeSpan delay, string code);

    [LoggerMessage(10, LogLevel.Warning, "No connection is kept ready for avatar {AvatarId} until the next use: {Code}.")]
    public static partial void PoolGaveUp(this ILogger logger, string avatarId, string code);
}
