using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using MotionGateway.Hosting;
using OpenTelemetry.Logs;
using OpenTelemetry.Resources;

namespace MotionGateway.Cli.Hosting;

/// <summary>Logs of services: one line each on standard error, and to OTLP where that is configured.</summary>
internal static class ServiceLogs
{
    // Beyond them lines are dropped, and the number of these is told: whoever does not read the log must not stop speech.
    private const int MaxWaitingLines = 10_000;

    /// <summary>Text for people, at one level.</summary>
    public static LoggingOptions At(LogLevel level) => new() { LogLevel = { [LoggingOptions.DefaultCategory] = level } };

    /// <summary>Sets up a service's logs.</summary>
    /// <param name="logging">Takes them.</param>
    /// <param name="service">Such as <c>gateway</c>.</param>
    /// <param name="options">What is logged, and how.</param>
    public static void Configure(ILoggingBuilder logging, string service, LoggingOptions options)
    {
        logging.ClearProviders();
        var levels = new LogLevels(options);
        logging.Services.AddSingleton(levels);
        logging.Services.AddSingleton<IConfigureOptions<LoggerFilterOptions>>(levels);
        logging.Services.AddSingleton<IOptionsChangeTokenSource<LoggerFilterOptions>>(levels);
        logging.Services.AddSingleton<ConsoleFormatter, JsonLogFormatter>();
        logging.Services.AddSingleton<ConsoleFormatter, TextLogFormatter>();
        logging.AddConsole(console =>
        {
            console.FormatterName = options.Format == LogFormat.Json ? JsonLogFormatter.FormatterName : TextLogFormatter.FormatterName;
            console.LogToStandardErrorThreshold = LogLevel.Trace;
            (console.MaxQueueLength, console.QueueFullMode) = (MaxWaitingLines, ConsoleLoggerQueueFullMode.DropWrite);
        });
        if (Telemetry.IsConfigured)
        {
            logging.AddOpenTelemetry(logs =>
            {
                (logs.IncludeScopes, logs.IncludeFormattedMessage) = (true, true);
                logs.SetResourceBuilder(Telemetry.Name(ResourceBuilder.CreateDefault(), service));
                logs.AddOtlpExporter();
            });
        }
    }
}
