using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry.Logs;

namespace MotionGateway.Cli.Hosting;

/// <summary>Logs of services: one line each on standard error, and to OTLP where that is configured.</summary>
internal static class ServiceLogs
{
    /// <summary>Sets up a service's logs.</summary>
    public static void Configure(ILoggingBuilder logging, LogLevel level)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(level);
        // Their Information lines repeat what the service says itself about each call.
        var frameworks = level == LogLevel.Information ? LogLevel.Warning : level;
        logging.AddFilter("Microsoft", frameworks).AddFilter("Grpc", frameworks);
        // A failed start is told by the command, in one line.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
            console.UseUtcTimestamp = true;
            console.ColorBehavior = Console.IsErrorRedirected ? LoggerColorBehavior.Disabled : LoggerColorBehavior.Default;
        });
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        if (Telemetry.IsConfigured)
        {
            logging.AddOpenTelemetry(logs => logs.AddOtlpExporter());
        }
    }
}
