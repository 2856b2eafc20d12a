using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server;

internal static partial class ServerCallLog
{
    [LoggerMessage(1, LogLevel.Information, "{Method} ended with {StatusCode}.", EventName = "Refused")]
    public static partial void Refused(ILogger logger, string method, StatusCode statusCode, Exception exception);

    [LoggerMessage(2, LogLevel.Debug, "{Method} was cancelled.", EventName = "Cancelled")]
    public static partial void Cancelled(ILogger logger, string method, Exception exception);

    [LoggerMessage(3, LogLevel.Error, "{Method} threw an exception.", EventName = "Failed")]
    public static partial void Failed(ILogger logger, string method, Exception exception);

    [LoggerMessage(4, LogLevel.Information, "{Path} is not implemented.", EventName = "Unimplemented")]
    public static partial void Unimplemented(ILogger logger, string path);
}
