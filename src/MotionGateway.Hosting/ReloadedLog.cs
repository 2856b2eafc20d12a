using Microsoft.Extensions.Logging;

namespace MotionGateway.Hosting;

internal static partial class ReloadedLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "{Name} was read again from {Files}")]
    public static partial void ReadAgain(ILogger logger, string name, IReadOnlyList<string> files);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Name} has changed and cannot be used: what was read before stays in force. {Problem}")]
    public static partial void Unusable(ILogger logger, string name, string problem);
}
