using Microsoft.Extensions.Logging;

namespace MotionGateway.Hosting;

/// <summary>What a service logs, and how.</summary>
public sealed class LoggingOptions
{
    /// <summary>The category that stands for all that have no level of their own.</summary>
    public const string DefaultCategory = "Default";

    /// <summary>Text, for people, or Json, an object a line. Default Text.</summary>
    public LogFormat Format { get; set; }

    /// <summary>
    /// The least level that is logged, by category: <c>MotionGateway.Sessions</c> stands for all that begin with it, <c>Default</c>
    /// for all others. Levels are Trace, Debug, Information, Warning, Error, Critical and None. Default: Information, and
    /// Warning for what .NET itself logs.
    /// </summary>
    [AppliedAtOnce]
    public IDictionary<string, LogLevel> LogLevel { get; } = new Dictionary<string, LogLevel>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Names everything that is wrong, one sentence a problem, each beginning with the property's name.</summary>
    public IReadOnlyList<string> Validate() =>
    [
        .. LogLevel.Keys.Where(category => category.Contains('*', StringComparison.Ordinal)).Select(category =>
            $"{nameof(LogLevel)}:{category} must be the beginning of a category's name, without *."),
    ];
}
