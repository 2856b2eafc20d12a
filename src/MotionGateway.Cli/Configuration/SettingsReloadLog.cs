using Microsoft.Extensions.Logging;

namespace MotionGateway.Cli.Configuration;

internal static partial class SettingsReloadLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "These settings have changed and apply from now on: {Paths}")]
    public static partial void Applied(ILogger logger, string paths);

    [LoggerMessage(Level = LogLevel.Warning, Message = "These settings have changed and need a restart: {Paths}")]
    public static partial void NeedRestart(ILogger logger, string paths);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The settings have changed and do not go with those that need a restart: what was read before stays in force. {Problems}")]
    public static partial void DoNotFit(ILogger logger, string problems);
}
