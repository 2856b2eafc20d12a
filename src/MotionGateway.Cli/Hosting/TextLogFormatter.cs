using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace MotionGateway.Cli.Hosting;

/// <summary>Writes a line for people: time, level, category, message, and the ids that its message does not tell.</summary>
internal sealed class TextLogFormatter() : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "motiongateway-text";

    private const string Plain = "\e[0m";

    private static readonly bool IsColored = !Console.IsErrorRedirected;

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:HH:mm:ss.fff} {ToWord(logEntry.LogLevel)}: {logEntry.Category}");
        line.Append(CultureInfo.InvariantCulture, $"[{logEntry.EventId.Id}] {logEntry.Formatter(logEntry.State, logEntry.Exception)}");
        var told = LogFields.ReadState(logEntry);
        foreach (var (name, value) in LogFields.ReadScopes(scopeProvider))
        {
            if (!told.ContainsKey(name))
            {
                line.Append(CultureInfo.InvariantCulture, $" {name}={value}");
            }
        }

        if (logEntry.Exception is { } exception)
        {
            line.Append(CultureInfo.InvariantCulture, $" {exception}");
        }

        // One line, whatever somebody has put into a text.
        textWriter.WriteLine(line.Replace("\r", "").Replace('\n', ' '));
    }

    private static string ToWord(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => Color("warn", "\e[33m"),
        LogLevel.Error => Color("fail", "\e[31m"),
        _ => Color("crit", "\e[31m"),
    };

    private static string Color(string word, string color) => IsColored ? $"{color}{word}{Plain}" : word;
}
