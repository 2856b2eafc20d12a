using Microsoft.Extensions.Logging;

namespace MotionGateway.MotionServer;

/// <summary>What is logged about session tokens; never a token.</summary>
internal static partial class TokenLog
{
    [LoggerMessage(30, LogLevel.Warning, "No session token could be fetched ahead: {Code}; the next attempt is in {Pause}. {Reason}")]
    public static partial void NoTokenAhead(this ILogger logger, string code, TimeSpan pause, string reason);

    [LoggerMessage(31, LogLevel.Information, "The Motion Server refused a session token that was fetched earlier: {Code}; a fresh one is tried.")]
    public static partial void TokenRefused(this ILogger logger, string code);
}
