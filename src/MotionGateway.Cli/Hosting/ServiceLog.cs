using Microsoft.Extensions.Logging;

namespace MotionGateway.Cli.Hosting;

internal static partial class ServiceLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "The {Service} {Version} listens on {Urls}")]
    public static partial void Started(ILogger logger, string service, string version, string urls);

    [LoggerMessage(Level = LogLevel.Information, Message = "The {Service} was asked to stop (SIGTERM or Ctrl+C): it takes nothing new, and finishes what it can")]
    public static partial void Stopping(ILogger logger, string service);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The {Service} stops by itself: something in it has failed")]
    public static partial void Failing(ILogger logger, string service);

    [LoggerMessage(Level = LogLevel.Information, Message = "The {Service} has stopped after {Seconds:0.0} s")]
    public static partial void Stopped(ILogger logger, string service, double seconds);
}
