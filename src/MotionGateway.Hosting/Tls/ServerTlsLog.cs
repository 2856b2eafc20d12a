using Microsoft.Extensions.Logging;

namespace MotionGateway.Hosting;

internal static partial class ServerTlsLog
{
    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The certificate of {Name} is good until {EndTime:u} only: replace its files, which are read again when they change")]
    public static partial void EndsSoon(ILogger logger, string name, DateTimeOffset endTime);
}
