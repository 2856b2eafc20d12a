using Microsoft.Extensions.Logging;

namespace MotionGateway.MotionServer;

/// <summary>What this library logs: ids, codes and counts; never payloads, credentials or URLs with a query.</summary>
internal static partial class MotionServerLog
{
    [LoggerMessage(1, LogLevel.Information, "Connection {ConnectionId} to the Motion Server at {Host}, region {Region}, is open for avatar {AvatarId} at {SampleRate} Hz.")]
    public static partial void Opened(this ILogger logger, string connectionId, string host, string region, string avatarId, int sampleRate);
    [LoggerMessage(2, LogLevel.Warning, "No connection to the Motion Server for avatar {AvatarId}: {Code} in {Phase}. {Reason}")]
    public static partial void OpenFailed(this ILogger logger, string avatarId, string code, string phase, string reason);
    [LoggerMessage(3, LogLevel.Information, "Connection {ConnectionId} to the Motion Server has ended normally.")]
    public static partial void EndedNormally(this ILogger logger, string connectionId);
    [LoggerMessage(4, LogLevel.Warning, "Connection {ConnectionId} to the Motion Server has ended: {Code} in {Phase}, close code {CloseCode}. {Reason}")]
    public static partial void EndedByFailure(this ILogger logger, string connectionId, string code, string phase, string closeCode, string reason);
    [LoggerMessage(5, LogLevel.Warning, "The Motion Server reports an error on connection {ConnectionId}, request {RequestId}: {Code}. {Reason}")]
    public static partial void ServerReported(this ILogger logger, string connectionId, string requestId, string code, string reason);
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
    [LoggerMessage(20, LogLevel.Information, "The Motion Server's bootstrap names region {Region}.")]
    public static partial void Bootstrapped(this ILogger logger, string region);
    [LoggerMessage(21, LogLevel.Warning, "The Motion Server's bootstrap names no region; {Region} is used. {Reason}")]
    public static partial void NoBootstrap(this ILogger logger, string region, string reason);
    [LoggerMessage(22, LogLevel.Warning, "Region {Region} of the Motion Server failed: {Code} in {Phase}; {Next} is tried next. {Reason}")]
    public static partial void RegionFailed(this ILogger logger, string? region, string code, string phase, string? next, string reason);
    [LoggerMessage(30, LogLevel.Warning, "No session token could be fetched ahead: {Code}; the next attempt is in {Pause}. {Reason}")]
    public static partial void NoTokenAhead(this ILogger logger, string code, TimeSpan pause, string reason);
    [LoggerMessage(31, LogLevel.Information, "The Motion Server refused a session token that was fetched earlier: {Code}; a fresh one is tried.")]
    public static partial void TokenRefused(this ILogger logger, string code);
}
